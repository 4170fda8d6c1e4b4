"""Every column and every kind of file that says something of a person, and what erases it.

A test walks all tables of all stations: a column that is in neither table below fails it, and so does a personal
one that is still filled after its eraser ran. Whoever adds a column decides here, in the same change.
"""

from __future__ import annotations

from dataclasses import dataclass

POST_ERASE = "wearemany.photos.erasing.post_erase"
POST_ERASE_WHOLE = "wearemany.moderation.erasing.post_erase_whole"
CONVERSATION_ERASE = "wearemany.conversations.services.conversation_erase"
UPLOADS_DISCARD = "wearemany.photos.steps.uploads_discard_pending"
BLOBS_DOOM = "wearemany.photos.steps.blobs_doom_pending"
AUTHORS_PSEUDONYMISE = "wearemany.moderation.erasing.authors_pseudonymise_pending"
SCRUB = "wearemany.worker.scrub.scrub"
TEAM = "team"
"""Of the team's own people, who have accounts on purpose: kept as long as the account is."""


@dataclass(frozen=True)
class Eraser:
    """The function that erases, and what is left: "row" (the whole row goes) or "blank" (the column is emptied)."""

    function: str
    leaves: str = "row"


def _table(model: str, columns: str, eraser: Eraser) -> dict[str, Eraser]:
    return {f"{model}.{column}": eraser for column in columns.split()}


PERSONAL: dict[str, Eraser] = {
    **_table(
        "photos.Upload", "id form_digest blob wrapped_key size_bytes expires_at", Eraser(UPLOADS_DISCARD)
    ),
    **_table(
        "photos.ResumableUpload",
        "id form_digest length_bytes offset_bytes whole_id expires_at",
        Eraser(UPLOADS_DISCARD),
    ),
    **_table(
        "photos.ResumablePart",
        "id upload_id offset_bytes size_bytes blob wrapped_key",
        Eraser(UPLOADS_DISCARD),
    ),
    **_table(
        "photos.Post",
        "code_digest language caption name people cover confirmed terms_version edit door elsewhere hushed group_id",
        Eraser(POST_ERASE, leaves="blank"),
    ),
    **_table(
        "photos.CodeForgetting",
        "post_id due_at lease_until lease_owner attempts trouble",
        Eraser(POST_ERASE),
    ),
    **_table(
        "campaigns.GroupInvitation",
        "id campaign_id token_digest name kind most used expires_on revoked held",
        Eraser("wearemany.campaigns.groups.invitations_forget_pending"),
    ),
    **_table("photos.PostKey", "post_id wrapped_key wrapped_salt", Eraser(POST_ERASE)),
    **_table("photos.Consent", "id post_id kind text_version language day", Eraser(POST_ERASE)),
    **_table(
        "photos.Photo",
        "id post_id position upload_id alt drawn refused_code refused_values "
        "due_at lease_until lease_owner attempts trouble",
        Eraser(POST_ERASE),
    ),
    **_table(
        "photos.Development",
        "photo_id spec_version verdict score reasons advice garment_colour judged_by outline faces "
        "fingerprint fingerprint_quality placeholder crop width_px height_px ms",
        Eraser(POST_ERASE),
    ),
    **_table(
        "photos.Rendition",
        "id photo_id size format name blob width_px height_px size_bytes digest",
        Eraser(POST_ERASE),
    ),
    **_table(
        "photos.DoomedBlob", "id blob due_at lease_until lease_owner attempts trouble", Eraser(BLOBS_DOOM)
    ),
    **_table(
        "conversations.Comment",
        "id post_id position name text language translations voice_id pinned state",
        Eraser(CONVERSATION_ERASE),
    ),
    **_table("wall.Sighting", "photo_id campaign_id picture", Eraser(POST_ERASE)),
    **_table(
        "wall.Resemblance",
        "photo_id campaign_id earlier_id picture turned state place account_id turn day",
        Eraser(POST_ERASE),
    ),
    **_table("conversations.Like", "id post_id liker_digest", Eraser(CONVERSATION_ERASE)),
    **_table(
        "moderation.Review",
        "post_id reasons place open handed_to_id handed_until words_digest",
        Eraser(POST_ERASE_WHOLE),
    ),
    "moderation.Claim.words": Eraser(POST_ERASE_WHOLE, leaves="blank"),
    **_table(
        "moderation.Claim",
        "id post_id kind number_digest open hides outcome decision_id day",
        Eraser("wearemany.moderation.claims.claims_forget_pending"),
    ),
    "moderation.Report.words": Eraser(POST_ERASE_WHOLE, leaves="blank"),
    **_table(
        "moderation.Report",
        "id post_id kind place number_digest open outcome decision_id day",
        Eraser("wearemany.moderation.reports.reports_forget_pending"),
    ),
    **_table("moderation.Appeal", "id post_id against_id answer_id words open day", Eraser(POST_ERASE_WHOLE)),
    **_table(
        "moderation.Look",
        "id campaign_id account_id day shown",
        Eraser("wearemany.moderation.looks.looks_forget_pending"),
    ),
    **_table(
        "moderation.Reversal",
        "id campaign_id whose_id by_id undone day",
        Eraser("wearemany.moderation.reversing.reversals_forget_pending"),
    ),
    **_table(
        "moderation.ReversedDecision",
        "id reversal_id decision_id",
        Eraser("wearemany.moderation.reversing.reversals_forget_pending"),
    ),
    "moderation.Decision.account_id": Eraser(AUTHORS_PSEUDONYMISE, leaves="blank"),
    **_table(
        "moderation.Erasure",
        "post_id account_id due_at lease_until lease_owner attempts trouble",
        Eraser("wearemany.moderation.erasing.erase_pending"),
    ),
    **_table(
        "moderation.Seed",
        "post_id shows account_id answer reason colour turn after day",
        Eraser(POST_ERASE_WHOLE),
    ),
    "moderation.CampaignErasure.account_id": Eraser(
        "wearemany.moderation.purging.campaign_erase_on", leaves="blank"
    ),
    **_table(
        "moderation.Sweep",
        "id campaign_id account_id kind act reason state spared day due_at lease_until lease_owner attempts trouble",
        Eraser("wearemany.moderation.raids.sweeps_forget_pending"),
    ),
    **_table("moderation.Likeness", "id campaign_id photo_id group", Eraser(POST_ERASE)),
    **_table("moderation.SweptPost", "id sweep_id post_id state decision_id", Eraser(POST_ERASE_WHOLE)),
    **_table("accounts.Account", "id password name is_active is_operator", Eraser(TEAM)),
    **_table("accounts.SignInLink", "id account_id token_digest expires_at used", Eraser(TEAM)),
    **_table("campaigns.Membership", "id campaign_id account_id role", Eraser(TEAM)),
    **_table("wall.MirrorKey", "id campaign_id name secret_digest day asked_by_id holds_from", Eraser(TEAM)),
    **_table("sessions.Session", "session_key session_data expire_date", Eraser(TEAM)),
}
"""`app.Model.column` → its eraser. Everything of a post is here, however harmless it looks alone."""

NOT_PERSONAL: dict[str, str] = {
    "photos.Post": "the bare row that the log's entry points to: id campaign_id is_opening is_drawn ready erased "
    "awaits_decision edit_version received_day",
    "photos.Untold": "which bare rows the log has yet to look at; gone once it has",
    "moderation.Decision": "what was decided, for the log: id post_id position kind reason by pseudonym colour "
    "undone day",
    "moderation.CampaignErasure": "how far the end of a whole campaign is: campaign_id done_day due_at lease_until "
    "lease_owner attempts trouble",
    "moderation.Seeding": "how often test pictures come into the queue",
    "moderation.CheckIn": "by when somebody of the team has to look in",
    "wall.LogHead": "the public log's own state",
    "wall.Entry": "the public log's lines; a commitment says nothing once its salt is erased",
    "wall.Matching": "which process looks for repeats",
    "wall.DayFigures": "sums of the public log's lines, by day",
    "wall.Cursor": "how far a reader has read",
    "wall.Cosigning": "what witnesses signed of the public log, and when they are asked again",
    "wall.Mirror": "public addresses of copies that others keep, and whether they follow",
    "campaigns.Campaign": "the organisers' own words, published on purpose",
    "campaigns.CampaignText": "the organisers' own words, published on purpose",
    "campaigns.CallSpecRow": "numbers",
    "campaigns.Tightening": "whether a campaign's own rules were made stricter, and how far that is",
    "campaigns.PhaseChange": "the organisers' own words, published on purpose",
    "campaigns.Voice": "named in public by agreement; erased with the campaign",
    "campaigns.StoryItem": "published with its source on purpose",
    "campaigns.StoryText": "published with its source on purpose",
    "auth.Permission": "the framework's own, unused",
    "auth.Group": "the framework's own, unused",
    "auth.Group_permissions": "the framework's own, unused",
    "contenttypes.ContentType": "the framework's own",
}
"""Tables (for `photos.Post` and `moderation.Decision` the named columns) that say nothing of a supporter, and why."""

FILES: dict[str, Eraser] = {
    "blobs/u": Eraser(UPLOADS_DISCARD),
    "blobs/r": Eraser(BLOBS_DOOM),
    "blobs/.drafts": Eraser("wearemany.photos.steps.orphans_doom_pending"),
    "wearemany.sqlite3": Eraser(SCRUB, leaves="blank"),
    "wearemany.sqlite3-wal": Eraser(SCRUB, leaves="blank"),
}
"""Kinds of files in the data folder that hold personal things, sealed or not, and what erases them."""


def columns_left_out(tables: dict[str, set[str]]) -> list[str]:
    """Return the columns (`app.Model.column`) of the given tables that nobody has decided about."""
    return sorted(
        f"{model}.{column}"
        for model, columns in tables.items()
        for column in columns
        if f"{model}.{column}" not in PERSONAL and not _is_stated(model, column)
    )


def _is_stated(model: str, column: str) -> bool:
    stated = NOT_PERSONAL.get(model)
    if stated is None:
        return False
    if not any(name.startswith(f"{model}.") for name in PERSONAL):
        return True
    return column in stated.split(": ", 1)[-1].split()
