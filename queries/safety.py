"""The notice beside an answer: warnings that the text raises, or that the answer mentions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from queries.answer import LEVELS, Answer, RedFlag, Safety
from queries.citations import Citations
from queries.cues import Cues
from queries.documents import Documents
from queries.evidence import Evidence
from queries.lexicon import Lexicon
from queries.likelihood import UNLIKELY, Likelihood
from queries.notices import Notices
from queries.reports import Reports
from queries.things import Triggers
from queries.triage import Raised, Warnings, document_of, fewest
from queries.understanding import Reading_

#: Warnings of other documents beside an answer whose own documents have none; the most urgent come first.
OF_OTHERS: Final = 3


class SafetyDesk:
    """Puts the notice beside an answer. Immutable, safe to share."""

    def __init__(
        self,
        triggers: Triggers,
        lexicon: Lexicon,
        cues: Cues,
        notices: Notices,
        documents: Documents,
        reports: Evidence | None,
    ) -> None:
        self._documents = documents
        self._lexicon = lexicon
        self._notices = notices
        self._warnings = Warnings(triggers, lexicon)
        self._reports = Reports(lexicon, cues, self._warnings, documents.topics)
        self._likelihood = Likelihood(reports, self._warnings) if reports is not None else None

    def with_safety(self, answer: Answer, reading: Reading_, citations: Citations) -> Answer:
        """The answer with its notice, and the notice's passages among its citations."""
        reported, asked = self._sorted(answer, reading)
        because, raised = "question", self._warnings.raised(reported)
        if not raised:
            mentioned = self._mentioned(answer) | set(asked)
            because, raised = "answer", self._of_its_documents(answer, self._warnings.raised(mentioned, broader=False))
        if not raised:
            return answer
        return self._noticed(answer, raised, because, citations)

    def _of_its_documents(self, answer: Answer, raised: list[Raised]) -> list[Raised]:
        """The warnings of the documents that an answer is from; some where none of those warns."""
        documents = {citation.document for citation in answer.citations}
        own = [one for one in raised if document_of(one.warning) in documents]
        return own or raised[:OF_OTHERS]

    def _sorted(self, answer: Answer, reading: Reading_) -> tuple[list[str], list[str]]:
        """The findings that the text reports, and those it only asks about: in a question about a list, or where the
        answer states the warning itself, or speaks of the finding while nobody is said to have it."""
        reported, asked = [], []
        about = self._mentioned(answer)
        stated = {citation.passage for citation in answer.citations} if answer.answer else set()
        mentions = self._reports.mentions(reading.marks.words, reading.sentences)
        for mention in mentions:
            if mention.denied:
                continue
            sentence = reading.sentences[mention.sentence]
            told = bool(self._warnings.passages(mention.finding) & stated)
            if mention.of_somebody:
                asks = sentence.questioned and told
            elif reading.marks.any("reference_questions", sentence.first, sentence.last):
                asks = True
            else:
                asks = sentence.asks and (told or self._warnings.akin(mention.finding, about))
            if asks:
                asked.append(mention.finding)
            else:
                reported.append(mention.finding)
        denied = {mention.finding for mention in mentions if mention.denied}
        return self._likely(reported, denied, reading), asked

    def _likely(self, reported: list[str], denied: set[str], reading: Reading_) -> list[str]:
        """The findings reported; where none was, those that the whole text is likely to report and does not deny; none
        of those where nobody asks or denies anything and it is most unlikely that the text reports any."""
        if self._likelihood is None:
            return reported
        likely = self._likelihood.of(reading.marks.words)
        if not reported:
            return [finding for finding in likely.findings if not self._warnings.akin(finding, denied)]
        if likely.share >= UNLIKELY or denied or any(sentence.asks for sentence in reading.sentences):
            return reported
        return [finding for finding in reported if not self._warnings.akin(finding, self._likelihood.learned)]

    def _mentioned(self, answer: Answer) -> set[str]:
        """The findings with a warning that the answer's items or slots name."""
        if answer.answer is None:
            return set()
        named = {item.iri for item in answer.items if item.iri}
        named |= {slot.iri for slot in answer.interpretation.slots.values() if slot.iri}
        return {iri for iri in named if iri in self._warnings}

    def _noticed(self, answer: Answer, raised: Sequence[Raised], because: str, citations: Citations) -> Answer:
        raised = fewest(raised) if self._documents.several else raised
        found = citations.of(r.warning.passage for r in raised)
        every = list(answer.citations)
        places = {citation.passage: n for n, citation in enumerate(every)}
        for citation in found:
            if citation.passage not in places:
                places[citation.passage] = len(every)
                every.append(citation)
        flags = self._flags(raised, places)
        level = max((r.warning.level for r in raised), key=LEVELS.index)
        said = " ".join(flag.text for flag in flags)
        text = self._notices.say("safety_question" if because == "question" else "safety_answer", flags="")
        text = self._documents.naming(text, [citation.document for citation in found]).strip()
        cited = tuple(sorted({place for flag in flags for place in flag.citations}))
        return replace(answer, citations=tuple(every), safety=Safety(level, because, f"{text} {said}", flags, cited))

    def _flags(self, raised: Sequence[Raised], places: dict[str, int]) -> tuple[RedFlag, ...]:
        """One flag for each finding and action, with all its passages; the most urgent first."""
        groups: dict[tuple[str, str], list[Raised]] = {}
        for one in raised:
            groups.setdefault((one.finding, one.warning.action), []).append(one)
        flags = []
        for (finding, action), members in groups.items():
            thing = self._lexicon.things[finding]
            label = self._lexicon.things[action].label if action in self._lexicon.things else action
            pattern = "red_flag_if" if all(m.if_so for m in members) else "red_flag"
            shown = thing.label
            if pattern == "red_flag_if":
                trigger = sorted(members[0].warning.triggers)[0]
                shown = self._lexicon.things[trigger].label
            text = self._notices.say(pattern, finding=shown[:1].upper() + shown[1:], action=label)
            passages = tuple(dict.fromkeys(m.warning.passage for m in members))
            cited = tuple(sorted(places[p] for p in passages if p in places))
            flags.append(RedFlag(finding, thing.label, text, (action, label, members[0].warning.rank), passages, cited))
        return tuple(sorted(flags, key=lambda flag: (-flag.action[2], flag.label)))
