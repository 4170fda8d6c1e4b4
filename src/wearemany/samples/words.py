"""What the drawn people say: captions and comments, English and Russian. Nobody real is named."""

from typing import Literal, NamedTuple

import numpy as np

HASHTAG = "#МыНеРавнодушны"


class Said(NamedTuple):
    """A sentence and the language it is in."""

    text: str
    language: Literal["en", "ru"]


def caption(seed: int) -> Said:
    """Return a caption for a post, the same one for the same seed; about half carry the hashtag."""
    return _with_hashtag(CAPTIONS[_pick(seed, len(CAPTIONS), 61)], seed)


def comment(seed: int) -> Said:
    """Return a comment, the same one for the same seed."""
    return COMMENTS[_pick(seed, len(COMMENTS), 62)]


def _pick(seed: int, count: int, salt: int) -> int:
    """Return a place in a list so that neighbouring seeds walk through all of it before any repeats."""
    order = np.random.default_rng([salt, seed // count]).permutation(count)
    return int(order[seed % count])


def _with_hashtag(said: Said, seed: int) -> Said:
    return Said(f"{said.text} {HASHTAG}", said.language) if seed % 2 == 0 else said


_ENGLISH = (
    "Wearing my grandmother's red cardigan today. She would have done the same.",
    "We are not indifferent. Not today, not tomorrow.",
    "One red jumper among many. That is the whole point.",
    "From a small kitchen with a big heart.",
    "I don't usually take pictures of myself. Today I did.",
    "Standing with you, from far away.",
    "Found the reddest thing in my wardrobe.",
    "You are not alone. Look how many we are.",
    "My first post like this. Be kind!",
    "Red is warm. So are we.",
    "For everyone who waits for a letter.",
    "I cannot be there, so here is my face.",
    "On my way to work, thinking of you.",
    "A quiet hello from the library.",
    "It is cold here, but red helps.",
    "We will be here until you can see this.",
    "My neighbour lent me the coat. Thank you, neighbour!",
    "Kindness is loud when there are many of us.",
    "Silence is also an answer. This is not silence.",
    "Today I wear red so that nobody stands alone.",
    "I borrowed this from my sister. She wants a picture too.",
    "Read this when you are tired: we are still here.",
    "Even my plants are looking towards you today.",
    "A little paint, a little courage.",
    "Between two lectures, in red.",
    "Hope looks good on everyone.",
    "I am one of many, and glad of it.",
    "To whom it concerns: we care.",
    "Red for the ones we miss.",
    "Smiling, because that is what you would do.",
)

_RUSSIAN = (
    "Мы не равнодушны. И нас много.",
    "Надела бабушкину кофту. Она бы меня поняла.",
    "Нашлась всего одна красная вещь, зато какая тёплая.",
    "Ты не одна. Посмотри, сколько нас.",
    "Обычно я не люблю фотографироваться. Сегодня можно.",
    "Привет с другого конца страны!",
    "Красный согревает. Мы рядом.",
    "Пишу тебе по дороге на работу.",
    "За всех, кто ждёт писем.",
    "Мы помним и никуда не уходим.",
    "Снег идёт, а нам тепло.",
    "Моё маленькое «я рядом».",
    "Молчать не получается, поэтому улыбаюсь.",
    "Попросил свитер у брата. Он тоже с нами.",
    "Из нашей кухни с любовью.",
    "Пусть эта улыбка дойдёт до тебя.",
    "Равнодушие не наш цвет.",
    "Каждый по одному, а вместе много.",
    "Между двумя парами, в красном.",
    "Если тебе грустно, пролистай эту стену до конца.",
    "Мама сказала: красный мне к лицу. Мама, спасибо!",
    "Сегодня в красном, завтра тоже.",
    "Тихий привет из библиотеки.",
    "Нас не видно поодиночке, но вместе видно.",
    "Держись. Мы держимся вместе с тобой.",
    "Весна обязательно будет.",
    "Добро заметно, когда нас много.",
    "Первый раз участвую, немного волнуюсь.",
    "Обнимаю всех, кто здесь.",
    "Пальто одолжила соседка. Передаёт привет!",
)

_ENGLISH_COMMENTS = (
    "What a warm smile. Thank you for being here.",
    "This made my morning.",
    "Greetings from the other side of the sea!",
    "I put on red because I saw your post.",
    "So many of us already!",
    "Lovely light in this one.",
    "We are with you.",
    "My whole office is looking at this wall.",
    "Thank you for not staying silent.",
    "Your smile is catching.",
)

_RUSSIAN_COMMENTS = (
    "Какая тёплая улыбка! Спасибо, что вы здесь.",
    "Смотрю на эту стену и не могу оторваться.",
    "И я сегодня в красном!",
    "Нас уже так много.",
    "Спасибо, что не молчите.",
    "Привет из соседнего города!",
    "Очень красивый портрет.",
    "Показала маме, она тоже присоединилась.",
    "Мы рядом.",
    "До слёз. Спасибо вам всем.",
)


def _in_turn(english: tuple[str, ...], russian: tuple[str, ...]) -> tuple[Said, ...]:
    """Return both languages in turn, so that a wall is mixed from its first posts."""
    pairs = zip(english, russian, strict=True)
    return tuple(said for en, ru in pairs for said in (Said(en, "en"), Said(ru, "ru")))


CAPTIONS = _in_turn(_ENGLISH, _RUSSIAN)
COMMENTS = _in_turn(_ENGLISH_COMMENTS, _RUSSIAN_COMMENTS)
