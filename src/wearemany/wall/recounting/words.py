"""What the recount page says, in one table: its own words for each thing, in English, marked for the catalogues.

The page chooses among languages itself, so everything it may ever say is in it. `%(name)s` is filled in by its script.
"""

from __future__ import annotations

from wearemany.errors import N_

PAGE_WORDS: dict[str, str] = {
    "title": N_("Check the number yourself"),
    "lead": N_(
        "This page counts the public list of a wall again, here in your browser. It asks for the list's "
        "files and sends "
        "nothing else, and it keeps nothing unless you press “Remember”."
    ),
    "plain": N_(
        "This page needs scripts, which are off here. On a computer the program counts too: wearemany "
        "wall recount"
    ),
    "here": N_(
        "This page came from the same place as the list. Whoever could change the list could change this "
        "page as well, "
        "so a count made here proves little. Save the page, compare its digest with the one that others "
        "see, and open it "
        "from your own disk or from a copy of the wall."
    ),
    "save": N_("Save this page"),
    "list": N_("Address of the wall, or of a copy of it"),
    "list_hint": N_("Such as https://example.org/en/red/"),
    "more": N_("Key, earlier count, copy on this device"),
    "folder": N_("A folder on this device with a copy of the list, in place of the address"),
    "key": N_("Key to check the signature with"),
    "key_hint": N_(
        "It should reach you by another way than this page: in print, from a friend, from a newspaper. "
        "Left empty, the "
        "list's own key is believed this once."
    ),
    "earlier": N_("A signed count from earlier"),
    "earlier_hint": N_(
        "Paste the whole text that you or somebody else kept. It then shows whether the list was "
        "shortened or changed since."
    ),
    "witnesses": N_("Keys of witnesses"),
    "witnesses_hint": N_(
        "Other servers that countersign the list when they have seen that it only grew. One key a line, and from "
        "them, not from this wall."
    ),
    "start": N_("Count now"),
    "stop": N_("Stop"),
    "working": N_("Counting"),
    "progress": N_("Line %(counted)s of %(size)s"),
    "stopped": N_("Stopped. Nothing is shown by this."),
    "proves_title": N_("What it proves, and what not"),
    "proves": N_(
        "It proves that the list was not changed, not shortened, and not shown differently to people who "
        "compared their "
        "copies."
    ),
    "proves_not": N_(
        "It does not prove that a person, or a different person, stands behind each line. That is why we "
        "count posts "
        "and say so."
    ),
    "proves_not_here": N_(
        "Nor that a picture shows what its line says, nor whose a key is that came with the list."
    ),
    "proof_title": N_("Check a proof that somebody was counted"),
    "proof_lead": N_(
        "Choose the file, drop it here, or paste its text. It is checked in this page with the key above, "
        "without the server."
    ),
    "proof_file": N_("The file with the proof"),
    "proof_text": N_("Or its text"),
    "proof_start": N_("Check the proof"),
    "remember": N_("Remember this count in this browser"),
    "remember_hint": N_(
        "Next time this page compares with it. Whoever uses this browser can then see that this wall was "
        "looked at."
    ),
    "forget": N_("Forget what this browser remembers"),
    "remembered": N_("Remembered. Nothing was sent."),
    "forgotten": N_("Forgotten."),
}

RESULT_WORDS: dict[str, str] = {
    "good": N_("Everything adds up."),
    "bad": N_("Something is wrong. Do not trust the number, and keep what you see here."),
    "unfinished": N_("The count could not be finished."),
    "signed": N_("The count is signed with the key of %(name)s."),
    "key_given": N_("The key is the one that you gave."),
    "key_remembered": N_("The key is the one that you chose to remember."),
    "key_first": N_("The key came with the list and is believed this once: it does not prove whose it is."),
    "tree": N_("All %(size)s lines lead to the value that is signed, and every published sum fits them."),
    "earlier_good": N_(
        "The first %(size)s lines are those of the earlier count: nothing was changed or shortened since."
    ),
    "earlier_none": N_(
        "There was no earlier count to compare with, so this cannot show whether the list was changed "
        "before today."
    ),
    "witness_good": N_("Witnessed: %(name)s has countersigned this count."),
    "witness_not": N_("%(name)s has not countersigned this count."),
    "witness_unasked": N_(
        "These names stand under the count as witnesses: %(names)s. Without their keys this page cannot tell whether "
        "they are true."
    ),
    "witness_none": N_("Not witnessed: nobody else has countersigned this count."),
    "announced": N_("What the recovery key of this list announces, as of %(day)s:"),
    "announced_key": N_(
        "It is a second key, kept away from the server, and named in the first line of the list: whoever seizes the "
        "server cannot say this in its name."
    ),
    "announced_taken": N_(
        "The key that signs the list was taken by somebody else. Only the first %(size)s lines are to be believed."
    ),
    "announced_taken_all": N_(
        "The list as it is here has none beyond them, so the number here may be believed."
    ),
    "announced_taken_posts": N_(
        "They give %(posts)s posts on the wall. Nothing that was added later counts."
    ),
    "announced_moved": N_(
        "The list goes on at %(address)s. Count it there for the newest number, with this key:"
    ),
    "announced_ended": N_("The list has ended. Nothing follows: the number is the last one."),
    "number_same": N_("The wall shows the same number."),
    "number_newer": N_("The wall is at another count by now, of %(size)s lines. Count again to compare."),
    "number_unknown": N_("The wall's own number could not be asked for. Compare it yourself."),
    "figures": N_("The figures"),
    "what": N_("What"),
    "counted": N_("Counted here"),
    "shown": N_("The wall says"),
    "posts": N_("posts on the wall now"),
    "distinct": N_("of them without repeats of the same picture"),
    "in_colour": N_("of them in the colour"),
    "people": N_("people in the posts, as declared by those who posted"),
    "removed": N_("taken back"),
    "entries": N_("lines in the list"),
    "unknown": N_("lines of a later kind, “%(kind)s”, that count nothing"),
    "day": N_("Signed count of %(day)s"),
    "keep": N_("The signed count. Whoever keeps it can compare later:"),
    "proof_good": N_(
        "The proof holds: line %(line)s is in the list that was signed when it had %(size)s lines, and "
        "the line is made of "
        "the pictures and words that the proof speaks of."
    ),
    "proof_amended": N_("The line is a change to the post in line %(post)s."),
    "proof_stands": N_("In the list that was counted above the post stands like that."),
    "proof_changed": N_("In the list that was counted above the post was changed later."),
    "proof_gone": N_("In the list that was counted above the post was taken back later."),
    "proof_elsewhere": N_("The list that was counted above is another one, or older than the proof."),
    "proof_warning": N_("Whoever has this file can show that its author took part. Keep it accordingly."),
}

FINDING_WORDS: dict[str, str] = {
    "unreachable": N_(
        "The list cannot be read just now. Look at the address and at your connection, and try again."
    ),
    "address-malformed": N_(
        "This is no address of a wall. It begins with https:// or http://, or choose a folder."
    ),
    "checkpoint-missing": N_("There is no list at this address: the signed count is not there."),
    "checkpoint-malformed": N_("The signed count is damaged: it is not a text that a wall signs."),
    "signature-false": N_("The signature is false: it names the key, and the key did not make it."),
    "key-other": N_(
        "The count is not signed with this key: somebody else signed it, or the key is of another wall."
    ),
    "key-changed": N_("Another key signs this list than when you chose to remember it."),
    "key-malformed": N_("This is not a key. A key looks like: name+01234567+letters."),
    "witness-malformed": N_(
        "One of the keys of witnesses is not one. A key looks like: name+01234567+letters."
    ),
    "key-missing": N_("The list publishes no key. Ask the organisers for it and paste it above."),
    "earlier-malformed": N_(
        "The earlier count cannot be used: it is not whole, or not signed with this key."
    ),
    "bundle-missing": N_(
        "A file with lines is missing: %(where)s. A list that cannot be read whole shows nothing."
    ),
    "bundle-malformed": N_("A file with lines is cut short or damaged: %(where)s."),
    "tile-missing": N_("A file with sums is missing: %(where)s."),
    "tile-other": N_(
        "Lines and sums do not fit: %(where)s. One of them was changed after the list was signed."
    ),
    "root-other": N_(
        "The lines do not lead to the value that is signed: some were changed, left out or put in."
    ),
    "rollback": N_(
        "The list is shorter than it was: the earlier count had %(where)s lines. Signed lines were taken "
        "away."
    ),
    "fork": N_(
        "The first %(where)s lines are not those of the earlier count: two histories were signed. Keep "
        "both signed "
        "counts; together they prove it."
    ),
    "rollback-recovery": N_(
        "The list is shorter than the recovery key says: it vouches for %(where)s lines. Signed lines were taken away."
    ),
    "fork-recovery": N_(
        "The first %(where)s lines are not those that the recovery key vouches for: they were written anew after the "
        "key was taken."
    ),
    "key-taken": N_(
        "Lines stand after the first %(where)s, and the recovery key says that whoever signed them had taken the key. "
        "Do not believe them."
    ),
    "announcement-other": N_(
        "Somebody put an announcement beside this list that its recovery key did not sign. It is not the organisers', "
        "and nothing follows from it."
    ),
    "announcement-unknown": N_(
        "The recovery key signed an announcement in a form that this page does not know. Get a newer page, or ask the "
        "organisers what it says."
    ),
    "illegal": N_("Line %(where)s may not stand there (%(code)s), so nothing from it on can be counted."),
    "number-other": N_("The wall shows %(shown)s, but its list gives %(counted)s."),
    "receipt-malformed": N_("This is not a proof that a wall gives."),
    "receipt-not-in-list": N_("The line of this proof is not in the list that was signed."),
    "receipt-not-yours": N_(
        "The line is in the list, but the pictures, words or secret of the proof are not those that it "
        "was made of."
    ),
}

WORDS = {**PAGE_WORDS, **RESULT_WORDS, **FINDING_WORDS}
