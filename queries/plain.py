"""An answer as plain text and as JSON-LD: other clothes for the same members."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from queries.answer import Answer
    from queries.citations import Citation


def as_text(answer: Answer) -> str:
    """Warnings first, then the sentence, its passages, and the notice; lines end with LF."""
    lines: list[str] = []
    if answer.safety.text:
        lines += [f"! {answer.safety.text}", ""]
    if answer.answer is not None:
        lines.append(answer.answer.text)
        if answer.answer.note:
            lines.append(answer.answer.note)
    elif answer.reason is not None:
        words = f" ({', '.join(answer.reason[1])})" if answer.reason[1] else ""
        lines.append(f"Not understood: {answer.reason[0].replace('_', ' ')}{words}.")
    else:
        lines.append("More than one question fits." if not answer.meta.several else "Which do you mean?")
    if answer.citations:
        lines.append("")
        several = answer.meta.several
        lines += [f"[{n}] {_cited(citation, several)}" for n, citation in enumerate(answer.citations, 1)]
    if answer.alternatives:
        lines += ["", "Perhaps you want to ask:"]
        lines += [f"- {question}" for question, _ in answer.alternatives]
    if answer.related:
        lines += ["", "Passages near these words (no answer):"]
        near = [answer.related_citations[place] for place, _ in answer.related]
        lines += [f"- {_cited(citation, answer.meta.several)}" for citation in near]
    return "\n".join([*lines, "", answer.meta.notice]) + "\n"


def _cited(citation: Citation, several: bool) -> str:
    """A citation in one line: where it stands (in which document, where there are several), and what it says or,
    without a copy, states."""
    where = " > ".join((citation.title, *citation.section) if several and citation.title else citation.section)
    item = f", item {citation.item}" if citation.item is not None else ""
    said = f'"{citation.quote}"' if citation.quote else "; ".join(citation.states)
    return f"{where}{item} ({citation.start}-{citation.end}): {said}" + (f" [{citation.note}]" if citation.note else "")


def as_jsonld(answer: Answer, url: str) -> dict[str, Any]:
    """A schema.org Question; its accepted answer when there is one, with the passages as citations."""
    question: dict[str, Any] = {
        "@context": "https://schema.org/",
        "@type": "Question",
        "@id": url,
        "name": answer.question,
    }
    question["answerCount"] = 1 if answer.answer else 0
    if answer.answer is not None:
        question["acceptedAnswer"] = {
            "@type": "Answer",
            "text": answer.answer.text,
            "url": url,
            "about": [{"@id": item.iri, "name": item.label} for item in answer.items if item.iri],
            "citation": [_work(citation) for citation in answer.citations],
        }
    if answer.safety.text:
        question["comment"] = {"@type": "Comment", "text": answer.safety.text}
    return question


def _work(citation: Citation) -> dict[str, Any]:
    """A passage as a schema.org CreativeWork."""
    text = citation.quote or "; ".join(citation.states)
    return {
        "@type": "CreativeWork",
        "@id": citation.passage,
        "isPartOf": {"@id": citation.document, "name": citation.title},
        "text": text,
    }
