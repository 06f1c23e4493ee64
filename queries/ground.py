"""What answering needs that is the same over every graph: the catalogue, the language, and what is compiled of both.

It takes half a second to load; the editions of a service that follow each other share it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kg import terms
from queries.cues import Cues
from queries.evidence import Evidence
from queries.grammar import Phrasings
from queries.notices import Notices
from queries.precompiled import code_of, digest_of, kept
from queries.spelling import english
from queries.template import Template, load_catalogue
from queries.vocabulary import Language, load_language
from queries.words import Writing


@dataclass(frozen=True)
class Ground:
    """All of it. Safe to share between threads."""

    directory: Path
    digest: str
    templates: Sequence[Template]
    notices: Notices
    writing: Writing
    language: Language
    phrasings: Phrasings
    cues: Cues
    evidence: Evidence | None
    reports: Evidence | None
    real: Mapping[str, int]

    @classmethod
    def load(cls, catalogue_dir: Path, language_dir: Path) -> Ground:
        """Read the files of two directories; what was compiled of the same files before is taken as it is.

        Raises: QuestionFileError for a broken question or language file.
        """
        files = [*code_of(__file__, terms.__file__), *_files_of(catalogue_dir, language_dir)]
        return kept("ground", digest_of(files), lambda: cls._compiled(catalogue_dir, language_dir))

    @classmethod
    def _compiled(cls, catalogue_dir: Path, language_dir: Path) -> Ground:
        templates = load_catalogue(catalogue_dir)
        writing = Writing.load(language_dir / "en.writing.yaml")
        return cls(
            language_dir,
            _digest_of(catalogue_dir, language_dir),
            templates,
            Notices.load(language_dir / "en.notices.yaml"),
            writing,
            load_language(writing, language_dir),
            Phrasings(templates, writing),
            Cues.load(writing, language_dir / "en.findings.yaml"),
            Evidence.load(language_dir / "en.evidence.tsv"),
            Evidence.load(language_dir / "en.reports.tsv"),
            english(),
        )

    @property
    def words(self) -> set[str]:
        """All words but those of names."""
        return self.language.trie.words | self.phrasings.automaton.words | self.cues.trie.words


def _digest_of(*directories: Path) -> str:
    """A digest of all question and language files."""
    total = hashlib.sha256()
    for path in _files_of(*directories):
        total.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"sha256:{total.hexdigest()}"


def _files_of(*directories: Path) -> list[Path]:
    """The question and language files."""
    found = (path for directory in directories for path in sorted(directory.iterdir()))
    return [path for path in found if path.suffix in (".rq", ".yaml", ".tsv")]
