"""What the desk says of posts in plain words: why one waits, what was seen, what a reason means. No logic, no rows."""

from __future__ import annotations

from wearemany.errors import N_

WAITS = {
    "all-held": N_("Here a person looks at every post."),
    "colour-doubtful": N_("Is the colour worn? The machine was not sure."),
    "colour-other": N_("The machine saw another colour. Does it fit the call all the same?"),
    "several-people": N_("More than one person. Did everybody agree, and is the number right?"),
    "faces-doubtful": N_("Perhaps a face was missed. Is every face covered that has to be?"),
    "edited": N_("The author changed the words."),
    "by-mail": N_("It came by e-mail: nobody read the page first, and the sender is not known."),
    "group-minors": N_("Children: is every face covered, and is nothing else to know them by?"),
    "group-held": N_("Everything that came from this group is held."),
    "like-refused": N_(
        "A picture like this one was refused lately. It may be the same one again, or a chance."
    ),
    "alike": N_(
        "Others sent nearly the same picture. Is it one person's own, or a raid? Look at the list of bursts too."
    ),
    "word": N_("The campaign asks for the word of the day on paper, in the picture."),
    "unproven": N_(
        "Sent during an attack without the small proof that browsers give: no scripts, or a machine."
    ),
    "raid-held": N_("It was held with a burst of posts that look alike. Judge it for itself."),
    "link": N_(
        "It leads to a post elsewhere. Does that belong to the campaign, and does it give nobody away?"
    ),
    "reopened": N_("A decision was undone. Please decide anew."),
    "reported": N_("It was reported. Does it break a rule? Otherwise it stays."),
    "appeal": N_("Its author asks for another person than the first, who rejected it."),
    "claim-lost-code": N_("Somebody says: I posted this and have no code for it."),
    "claim-pictured": N_(
        "Somebody says: I am in this picture, and I did not post it or do not agree any more."
    ),
}
"""By the codes of `moderation.reasons.REVIEWS`."""

REJECT_LABELS = {
    "not-agreed": N_("Somebody did not agree"),
    "not-own": N_("Not their own photo"),
    "child": N_("A child can be recognised"),
    "unsafe": N_("Could put somebody in danger"),
    "nudity": N_("Nudity"),
    "violence": N_("Violence"),
    "hate": N_("Hate"),
    "advertising": N_("Advertising"),
    "off-call": N_("Not what we ask for"),
    "copy": N_("On the wall already"),
}
"""By the codes of `moderation.reasons.REJECTIONS`, whose sentences the author reads."""

TAKE_DOWN_LABELS = {
    "claim-pictured": N_("Somebody in it does not agree"),
    "claim-lost-code": N_("Its author lost the code"),
    "claim-unsure": N_("Not sure: the safer way"),
}
"""By the codes of `moderation.reasons.TAKE_DOWNS`."""

SEEN = {
    "wears-the-colour": N_("The colour is worn."),
    "partly-in-the-colour": N_("Partly in the colour."),
    "near-the-colour": N_("Close to the colour."),
    "another-colour": N_("Another colour is worn."),
    "no-face": N_("No face was found, so the garment was not measured."),
    "no-garment-seen": N_("No garment was found."),
    "little-garment-seen": N_("Little of the garment can be seen."),
    "odd-light": N_("The light is strongly tinted."),
    "too-dark": N_("The picture is very dark."),
    "several-people": N_("There are several people."),
    "small-face": N_("There is a very small face."),
    "faint-face": N_("There is a face that is hard to make out."),
    "fewer-faces-than-heads": N_("There may be a head whose face was not found."),
    "first-frame": N_("It was a moving picture; this is its first moment."),
}
"""By the darkroom's codes of reasons and advice."""

COVERS = {
    "everybody": N_("everybody"),
    "others": N_("the others, not the author"),
    "nobody": N_("nobody: everyone agreed to be seen"),
}

DONE = {
    "same": N_("Counted as one picture."),
    "different": N_("Counted as two pictures."),
    "asked-again": N_("Undone. The question waits again."),
    "approved": N_("Approved."),
    "rejected": N_("Rejected. It is hidden already."),
    "shown-again": N_("It is shown again. Further claims wait for a person without hiding it."),
    "taken-down": N_("Taken down for good. It is erased in ten minutes; until then you can undo that."),
    "skipped": N_("Left for later."),
    "undone": N_("Undone. Here it is again."),
    "undone-elsewhere": N_("Undone. What held before holds again."),
    "covered": N_("The cover is being laid. The picture comes back to you in a moment."),
    "shown": N_("The comment is shown."),
    "removed": N_("The comment is gone."),
    "published": N_("Published."),
    "revised": N_("Revised. What was said before stays readable."),
    "introduced": N_("Introduced. You can answer in this voice now."),
    "answered": N_("The answer is pinned under the post."),
    "amended": N_("Changed. Everybody reads it from now on."),
    "group-revoked": N_("Revoked. Nothing more comes by this link."),
    "group-held": N_("Held. Its posts wait for a person, and so does what comes."),
    "group-released": N_("Let go. What had been approved is on its way to the wall again."),
    "mirror-named": N_("Named. It is looked at in a moment, and listed if it follows."),
    "mirror-removed": N_("Taken off the list."),
    "mirror-key-agreed": N_("Agreed. The key holds from now on."),
    "mirror-key-revoked": N_("Revoked. Its copy lets go of all pictures at its next run."),
    "opened": N_("The campaign is open."),
    "tightened": N_("The stricter rules hold. What is public already is being changed."),
    "erasing": N_("Hidden. It is erased when a second organiser agrees, or by itself after a while."),
    "erased": N_("It is being erased now. Nothing of it is left in a moment."),
    "erasing-all": N_(
        "Hidden, all of it. It is erased when a second organiser agrees, or by itself after a while."
    ),
    "burning": N_("Nothing can be opened any more. The rest is being erased."),
    "kept": N_("Undone. What was in sight before is in sight again."),
    "paused": N_("The campaign is paused."),
    "resumed": N_("The campaign goes on."),
    "closed": N_("The campaign is over. The wall stays."),
    "burst-gone": N_("That burst is not there any more. This is how it stands now."),
    "sweeping": N_("It is being done; this page says how far."),
    "word-asked": N_("The word of the day is asked for from now on."),
    "word-dropped": N_("The word is not asked for any more."),
    "guarded": N_("Browsers are asked for a little work from now on."),
    "unguarded": N_("Browsers are not asked for it any more."),
    "frozen": N_("It stands still, on every page. Nothing is lost."),
    "thawed": N_("It goes on where it stopped."),
    "reversed": N_("Everything that held by this person's word is undone."),
    "seeds-on": N_("Test pictures come now and then from now on."),
    "seeds-off": N_("No test pictures any more. Those that waited are gone."),
    "restored": N_("Taken back. It holds again, where nobody decided meanwhile."),
}
"""What was just done, by the code that the next page's address carries."""
