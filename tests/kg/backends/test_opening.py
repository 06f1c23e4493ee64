"""An engine is found by the scheme of its address."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from kg.backends import SCHEMES, open_backend
from kg.backends.embedded import EmbeddedBackend
from kg.backends.reference import ReferenceBackend
from kg.backends.remote import RemoteBackend
from kg.dataset import Dataset


@pytest.mark.parametrize(
    ("store", "kind"),
    [
        ("memory:", EmbeddedBackend),
        ("rdflib:", ReferenceBackend),
        ("http://127.0.0.1:1/query", RemoteBackend),
        ("https://127.0.0.1:1/query", RemoteBackend),
    ],
)
def test_the_scheme_of_an_address_decides_the_engine(store: str, kind: type, dataset: Dataset) -> None:
    assert isinstance(open_backend(store, dataset), kind)


def test_every_scheme_is_named_when_none_fits(dataset: Dataset) -> None:
    with pytest.raises(ValueError, match="no engine is known for 'ftp://x'") as raised:
        open_backend("ftp://x", dataset)
    assert all(f"{scheme}:" in str(raised.value) for scheme in SCHEMES)


@pytest.mark.parametrize("prefix", ["", "file:"])
def test_a_new_directory_is_filled_and_an_old_one_used_as_it_stands(
    prefix: str, dataset: Dataset, tmp_path: Path
) -> None:
    address = f"{prefix}{tmp_path / 'store'}"
    first = open_backend(address, dataset)
    assert first.digest() == dataset.digest
    [document] = dataset.documents
    first.replace(document, [])
    left = first.digest()
    first.close()
    del first
    again = open_backend(address, dataset)
    assert again.digest() == left != dataset.digest
    assert again.query("ASK { ?s ?p ?o }", deadline=time.monotonic() + 5).boolean
