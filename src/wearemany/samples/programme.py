"""What the demo's campaign is: its words and its story. Values only."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from wearemany.campaigns.services import CallWords, CampaignOrder
from wearemany.campaigns.story import Attribution, Figure, Source, Telling


def campaign_order(handle: str) -> CampaignOrder:
    """Return the sample campaign: a Cyrillic phrase, a call in English and Russian."""
    return CampaignOrder(
        handle=handle,
        phrase="мы не равнодушны",
        spellings=("МыНеравнодушны", "мы_не_равнодушны"),
        words={
            "en": CallWords(
                title="We are not indifferent",
                call=(
                    "Vera has been in prison for a year for what she wrote. Put on something red, take a selfie "
                    "and post it here: she will be shown this page. Cover your face if you wish."
                ),
                about_honouree=(
                    "Vera is a journalist. Before she was led away she said: “We are not indifferent.” "
                    "She always wore red."
                ),
                run_by="the drawn friends of Vera",
                run_from="on this very computer",
                legal_aid="Drawn Legal Aid (an example, nobody answers): +00 000 000",
            ),
            "ru": CallWords(
                title="Мы не равнодушны",
                call=(
                    "Вера уже год в тюрьме за то, что она написала. Наденьте что-нибудь красное, сделайте селфи "
                    "и пришлите его сюда: ей покажут эту страницу. Если хотите, закройте лицо."
                ),
                about_honouree=(
                    "Вера — журналистка. Перед тем как её увели, она сказала: «Мы не равнодушны». "
                    "Она всегда носила красное."
                ),
                run_by="нарисованные друзья Веры",
                run_from="прямо на этом компьютере",
                legal_aid="Нарисованная правовая помощь (пример, никто не ответит): +00 000 000",
            ),
        },
        colour="red",
        preset="everyday",
        honouree="Vera",
        time_zone="Europe/Madrid",
    )


OPENING_CAPTION = (
    "Я в красном — сегодня и каждый день, пока Вера не дома. Наденьте красное и вы.\n"
    "I am in red, today and every day until Vera is home. Will you wear red too?"
)

HONOUREE = "Vera"
HOW_KNOWN = {
    "en": "Her lawyer read the page to her through the glass and wrote down what she answered.",
    "ru": "Адвокат прочитал ей эту страницу через стекло и записал её ответ.",
}
ANSWER = "Спасибо! Я вас вижу."
ANSWER_TRANSLATIONS = {"en": "Thank you! I can see you."}


_NOBODY = Attribution(who="")
_NO_SOURCE = Source(name="")
_NO_FIGURE = Figure(number="")


@dataclass(frozen=True)
class StoryLine:
    """One line of the sample story; `answers` is the place in the story of what it denies."""

    kind: str
    telling: Telling
    attribution: Attribution = _NOBODY
    source: Source = _NO_SOURCE
    figure: Figure = _NO_FIGURE
    answers: int | None = None


def story(today: datetime.date) -> tuple[StoryLine, ...]:
    """Return the sample story, counted back from today."""

    def telling(days_ago: int, original: str, **words: str) -> Telling:
        return Telling(today - datetime.timedelta(days=days_ago), original, words)

    paper = Source("The Drawn Gazette", "https://gazette.example/vera")
    return (
        StoryLine(
            "milestone",
            telling(365, "en", en="Vera is led out of her newsroom.", ru="Веру уводят из редакции."),
            source=paper,
        ),
        StoryLine(
            "statement",
            telling(
                364,
                "ru",
                ru="Задержание не связано с её статьями.",
                en="The arrest has nothing to do with her articles.",
            ),
            Attribution("A press office", "authorities"),
            paper,
        ),
        StoryLine(
            "statement",
            telling(
                363,
                "ru",
                ru="На допросе спрашивали только о статьях.",
                en="They asked her about her articles and about nothing else.",
            ),
            Attribution("Vera's lawyer", "defence"),
            paper,
            answers=1,
        ),
        StoryLine(
            "tally",
            telling(
                30,
                "en",
                en="arrests at rallies since the autumn, by its own count",
                ru="задержаний на митингах с осени, по её собственным подсчётам",
            ),
            Attribution("A monitoring group", "monitors"),
            Source("Its yearly report", "https://monitors.example/report"),
            Figure("over 10,000", "+0 000 000 00 00, day and night"),
        ),
        StoryLine(
            "announcement",
            telling(
                0,
                "en",
                en="On Sunday at noon we read her articles aloud, in forty cities at once. Wear red.",
                ru="В воскресенье в полдень читаем её статьи вслух, в сорока городах сразу. Приходите в красном.",
            ),
        ),
    )
