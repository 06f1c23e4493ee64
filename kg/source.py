"""Passages against a copy of the text: quotations, and the proof that every locator is right.

The text of a document is somebody else's and not part of the graph; whoever holds a copy keeps it in a directory as
`<document>.txt`. Offsets count Unicode code points of the text with LF line ends and no byte order mark.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from threading import Lock

from kg.terms import DOC, local_name


def normalised(raw: bytes) -> str:
    """The text of a copy with LF line ends and without a byte order mark.

    Raises: UnicodeDecodeError for bytes that are not UTF-8.
    """
    return raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def digest_of(text: str) -> str:
    """The SHA-256, in hexadecimal, of a text as UTF-8."""
    return sha256(text.encode("utf-8")).hexdigest()


class Sources:
    """Copies of documents in a directory; each is read once, when it is first asked for. Safe for several threads."""

    def __init__(self, directory: Path | str) -> None:
        self._directory = Path(directory)
        self._texts: dict[str, str | None] = {}
        self._lock = Lock()

    def path(self, document: str) -> Path:
        """Where the copy of a document (by IRI) is looked for."""
        return self._directory / f"{local_name(document.rstrip('/'))}.txt"

    def text(self, document: str) -> str | None:
        """The text of a document's copy, or None where there is none that can be read as UTF-8."""
        if not document.startswith(DOC):
            return None
        with self._lock:
            if document not in self._texts:
                try:
                    self._texts[document] = normalised(self.path(document).read_bytes())
                except (OSError, UnicodeDecodeError):
                    self._texts[document] = None
            return self._texts[document]

    def quote(self, document: str, start: int, end: int, sha256: str) -> str | None:
        """The span's text where the copy has it, exactly; None without a copy or where the digest differs."""
        text = self.text(document)
        if text is None or not 0 <= start < end <= len(text):
            return None
        found = text[start:end]
        return found if digest_of(found) == sha256 else None
