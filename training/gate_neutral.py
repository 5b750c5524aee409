"""Sentences that a naive gate gets wrong, written for this project, as training examples.

Data sets of abuse mention some groups mostly in abuse, so a classifier learns to shun the mention
itself (Dixon et al., 2018). These templates mention them in ordinary speech; others disagree
politely, complain mildly, or use violent words for harmless things. Pairs of mild insults and of
the same words about oneself, about things or denied teach that it matters whom a word is thrown
at. Knows nothing of training.
"""

import random
from collections.abc import Iterator

PEOPLE = (
    "gay people", "a gay man", "a lesbian", "lesbians", "bisexual people", "transgender people",
    "a trans woman", "a trans man", "queer people", "Muslims", "a Muslim", "Jews", "a Jewish woman",
    "Christians", "a Christian", "Hindus", "a Sikh", "Buddhists", "atheists", "Black people",
    "a Black man", "white people", "a white woman", "Asians", "an Asian student", "Latinos",
    "a Mexican", "Mexicans", "Arabs", "an Arab", "Africans", "Chinese people", "Indians",
    "Native Americans", "Roma people", "immigrants", "refugees", "a refugee", "women", "girls",
    "men", "old people", "disabled people", "a blind student", "deaf people", "autistic people",
    "a wheelchair user", "people with depression", "Americans", "Germans", "Russians", "Israelis",
    "Palestinians", "Turks", "Poles", "the poor", "homeless people", "veterans", "feminists",
)  # fmt: skip

ABOUT_PEOPLE = (
    "I read a good article about {people} today.",
    "My best friend's family are {people}, and they are lovely.",
    "Our next reading is about {people} in the nineteenth century.",
    "The survey asks how {people} get to work.",
    "Did you see the film about {people}?",
    "{people} deserve the same rights as everyone else.",
    "Let's invite {people} to speak in the seminar.",
    "In my essay I compare how {people} are shown in two novels.",
    "I sat next to {people} at dinner and we talked for hours.",
    "The law protects {people} from discrimination.",
    "What do you call {people} in your language?",
    "There are many {people} in my neighbourhood.",
    "As {people}, we celebrate a different holiday.",
    "The professor's lecture on {people} was great.",
)

PLAIN = (
    "I don't agree with you, but I see your point.",
    "Sorry, I think that answer is wrong.",
    "That was a stupid mistake of mine.",
    "I feel so dumb, I forgot to save the file.",
    "Dumb question, but how do I open the terminal?",
    "This homework sucks.",
    "This exam is killing me.",
    "I'm dead tired after that lecture.",
    "Damn, I missed the bus again.",
    "What the heck is this error?",
    "You have to kill the process before you start it again.",
    "Kill the parent and the child processes die too.",
    "How do I execute this script as root?",
    "The master branch is broken, abort the merge.",
    "Just nuke the folder and clone it again.",
    "My laptop hates me.",
    "I hate Mondays.",
    "I hate this stupid printer.",
    "Shoot me a message when you're done.",
    "You nailed it, that was a killer presentation.",
    "He bombed the interview, poor guy.",
    "We crushed them in the quiz last night.",
    "That movie was insanely good.",
    "The weather is awful today.",
    "Your code is ugly but it works.",
    "This is not a bad idea at all.",
    "Please stop interrupting, I'd like to finish.",
    "I was annoyed that nobody answered.",
    "You are not stupid, the question is badly written.",
    "Nobody here thinks you're an idiot, don't worry.",
    "He apologised for calling her names.",
    "Insults are not allowed in this channel.",
    "Please don't call each other stupid.",
    "The chapter is about hate speech and the law.",
    "We discussed racism in class today.",
    "The gunman in the novel dies in chapter three.",
    "The war killed millions of people.",
    "Breast cancer is the topic of the biology project.",
    "Sex education starts in fifth grade here.",
    "The test for the virus was negative.",
    "Give me a break, I've been working all day.",
    "Shut down the server and wait a minute.",
    "Shut the door, please.",
    "That's a crazy amount of work.",
    "I'm such a mess today.",
    "You guys are the best.",
    "My cat is a little monster.",
    "Beat the eggs and add the sugar.",
    "Who shot the photo for the poster?",
    "He was hanging out with us yesterday.",
)

NOUNS = ("idiot", "moron", "fool", "dummy", "loser", "clown", "failure", "donkey", "imbecile")
ADJECTIVES = (
    "stupid",
    "dumb",
    "lazy",
    "useless",
    "pathetic",
    "ridiculous",
    "clueless",
    "worthless",
)
THINGS = ("printer", "error", "bug", "compiler", "exam question", "laptop", "alarm clock", "bus")
SLIPS = (
    "I forgot to save", "I deleted the wrong file", "I read the wrong chapter",
    "I missed the train", "I sent it to the wrong person", "of course it's a typo",
    "I mixed up the dates",
)  # fmt: skip
NAMES = ("Ben", "Ana", "Tom", "she", "he", "my roommate", "the new guy")

HARMLESS = (
    "I'm such {noun}, {slip}",
    "I feel so {adjective} today, {slip}",
    "ugh, {adjective} me, {slip}",
    "am I {noun} or is the {thing} broken?",
    "my {adjective} {thing} doesn't work",
    "what a {adjective} {thing}",
    "this {thing} is so {adjective}",
    "you're not {adjective} at all, the {thing} is hard to understand",
    "nobody thinks that you're {adjective}",
    "nobody here thinks you're {noun}, don't worry",
    "I didn't say that {name} is {noun}",
    "please don't call yourself {adjective}",
    "don't call {name} {noun}, please",
    "it's not {adjective} to ask about the {thing}",
    "{name} apologised for calling me {noun}",
    "is it {adjective} to ask how the {thing} works?",
)
INSULTS = (
    "you're such {noun}",
    "you are {noun}, you know that?",
    "shut up, {bare}",
    "shut up you {adjective} {bare}",
    "are you {adjective} or what? shut up",
    "what {noun} you are",
    "{name} is {noun} and everybody knows it",
    "only {noun} like you would say that about the {thing}",
    "you {adjective} {bare}, learn to read",
    "nobody asked you, {bare}",
    "go away you {adjective} {bare}",
    "how {adjective} can you be, you {bare}",
    "your {thing} is fine, you're just {adjective}, {bare}",
    "everyone hates you, you {adjective} {bare}",
)

LINES_BEFORE = ("", "lol ", "btw ", "hey, ", "ok so ", "@Ben ", "honestly, ", "well... ")


def neutral_sentences(seed: int = 0) -> Iterator[str]:
    """Every template with every group, and every plain sentence in several dresses."""
    chooser = random.Random(seed)
    for template in ABOUT_PEOPLE:
        for people in PEOPLE:
            sentence = template.format(people=people)
            yield chooser.choice(LINES_BEFORE) + sentence[0].upper() + sentence[1:]
    for sentence in PLAIN:
        for before in LINES_BEFORE:
            yield before + sentence


def contrast_sentences(seed: int = 0, each: int = 60) -> Iterator[tuple[str, bool]]:
    """`each` sentences of every template: harmless ones (False) and mild insults (True)."""
    chooser = random.Random(seed)
    for toxic, templates in ((False, HARMLESS), (True, INSULTS)):
        for template in templates:
            for _ in range(each):
                bare = chooser.choice(NOUNS)
                sentence = template.format(
                    noun=f"{'an' if bare[0] in 'aeiou' else 'a'} {bare}",
                    bare=bare,
                    adjective=chooser.choice(ADJECTIVES),
                    thing=chooser.choice(THINGS),
                    slip=chooser.choice(SLIPS),
                    name=chooser.choice(NAMES),
                )
                yield chooser.choice(LINES_BEFORE) + sentence, toxic
