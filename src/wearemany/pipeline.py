"""The itinerary: every worker step in the order of a photo's road. The worker runs each until it is idle."""

from __future__ import annotations

from wearemany.campaigns import groups
from wearemany.moderation import (
    appeals,
    hushing,
    likeness,
    looks,
    raids,
    reports,
    reversing,
    seeding,
    tightening,
)
from wearemany.moderation import services as moderation
from wearemany.photos import steps as photos
from wearemany.photos.ownership import codes_forget_pending
from wearemany.wall import burning, day_figures, log
from wearemany.wall.mirrors import listing
from wearemany.wall.repeats import matching, questions
from wearemany.wall.witnesses import asking
from wearemany.worker import alive, room

STEPS = (
    photos.develop_pending,  # received photo -> development, renditions; the upload is forgotten
    alive.leases_release_pending,  # claimed by a process that is dead by now -> due again at once
    burning.burn_pending,  # to be burned, or nobody looked in -> keys gone first, then everything personal
    moderation.decide_pending,  # developed post -> decision, or a review for a person
    tightening.posts_tighten_pending,  # the rules were made stricter -> what is public already obeys them
    raids.sweeps_pending,  # a burst that is held or refused, or let go again -> decisions, a batch at a time
    seeding.seeds_mix_pending,  # so many posts were shown to the team -> a drawn test picture among those that wait
    log.append_pending,  # decision, phase change -> entries, tiles, checkpoint
    matching.match_pending,  # entry -> amendment, when the same picture stood there before
    day_figures.figures_pending,  # entry -> the figures of its day
    hushing.words_hush_pending,  # once an hour: rejected words that stand in the open -> sealed, and wiped
    moderation.erase_pending,  # taken back, or rejected and the appeal term over -> erased
    codes_forget_pending,  # a post that is to have no code -> nobody's
    photos.uploads_discard_pending,  # uploads a day old -> gone
    photos.blobs_doom_pending,  # forgotten blobs -> deleted
    photos.orphans_doom_pending,  # blobs that no row names -> doomed, a day later
    photos.abandoned_erase_pending,  # its author never came back -> erased
    room.ballast_lay_pending,  # room given up for taking back, and there again -> kept anew
    moderation.claims_forget_pending,  # claims answered a month ago -> gone
    reports.reports_forget_pending,  # and reports
    appeals.appeals_forget_pending,  # and appeals
    likeness.likeness_forget_pending,  # what came before yesterday: which pictures were alike, no more
    raids.sweeps_forget_pending,  # swept a month ago: which posts, and by whom, no more
    moderation.authors_pseudonymise_pending,  # decided a month ago -> by whom, no more
    looks.looks_forget_pending,  # how much the team was shown a month ago -> gone
    reversing.reversals_forget_pending,  # undone in one act a month ago -> by whom, no more
    questions.answerers_forget_pending,  # same picture or not, answered a month ago: by whom, no more
    groups.invitations_forget_pending,  # over for a month -> which group took part, no more
)

STEPS_BURNING = (
    burning.burn_pending,
    photos.blobs_doom_pending,
)
"""For the command that burns, where perhaps no server runs any more."""

STEPS_ABROAD = (
    asking.cosign_pending,  # checkpoint -> cosignatures beside it
    listing.mirrors_probe_pending,  # a copy that others keep -> listed while it follows removals
)

LOOPS = {
    "worker-darkroom": STEPS[:1],  # nothing else keeps the darkroom's children waiting
    "worker": STEPS[1:],  # and a decision reaches the wall while photos are being developed
    "worker-abroad": STEPS_ABROAD,  # what waits for other people's servers holds up nobody here
}
"""What a process runs at once: the name of each loop's thread, and its steps."""
