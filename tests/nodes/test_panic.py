"""The panic switch on two nodes: pressed on one machine it holds on the other, and nothing is lost or reordered."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.nodes.test_nodes import GONE_WITHIN_S, HANDLE, all_is_well, campaign_on, client, published, until
from tests.rigs.serving import Serving


def says(node: Serving, words: str) -> bool:
    """Tell whether a node's wall says something."""
    return words in client.get(f"{node.base}/en/{HANDLE}/").text


@pytest.mark.long
@pytest.mark.threat("F")
def test_pressed_on_one_node_it_holds_on_both(tmp_path: Path) -> None:
    """Posts come all the while: none is shown until it thaws, then all are, once, in the order of their decisions."""
    with campaign_on(tmp_path, 2) as nodes:
        one, other = nodes.nodes
        nodes.rig("put", HANDLE, "20")
        until(lambda: published(nodes) == 21, limit_s=30)
        one.command("campaign", "freeze", HANDLE)
        until(
            lambda: all(says(node, "The wall stands still") for node in nodes.nodes),
            limit_s=GONE_WITHIN_S + 5,
        )
        assert all(client.get(f"{node.base}/en/{HANDLE}/join").status_code == 409 for node in nodes.nodes)
        nodes.rig("put", HANDLE, "30")
        until(
            lambda: nodes.ask("select count(*) from decision where kind = 'approve'") == [(50,)], limit_s=30
        )
        other.command("post", "take-back", HANDLE, "3")
        until(lambda: client.get(f"{one.base}/en/{HANDLE}/post/3").status_code == 410, limit_s=GONE_WITHIN_S)
        other.kill()
        other.start()
        assert published(nodes) == 21 and nodes.ask("select count(*) from wall_entry") == [(21,)]
        other.command("campaign", "thaw", HANDLE)
        all_is_well(nodes, tmp_path, posts=50, removed=1)
        in_order = nodes.ask(
            "select e.position from wall_entry e join decision d on d.post_id = e.post_id "
            "where e.kind = 'post' and d.kind = 'approve' order by d.id"
        )
        assert in_order == sorted(in_order)
        assert not says(one, "The wall stands still")
