"""A small made-up dataset in files, for tests that break it: the shipped ontology, five things, one document."""

from __future__ import annotations

import shutil
from hashlib import sha256
from pathlib import Path

from kg.terms import document_iri
from tests.conftest import REPOSITORY

NAME = "made-up"
DOCUMENT = document_iri(NAME)
LINES = ("Knee twinges", "A knee twinge can come from kneeling.", "- Dizziness: call an ambulance.", "- Fainting.")
TEXT = "\n".join(LINES)

ENTITIES = """\
@prefix kg:   <https://w3id.org/backstory/ns#> .
@prefix id:   <https://w3id.org/backstory/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .

id:KneeTwinge a kg:Condition ; rdfs:label "knee twinge"@en ; skos:definition "A short pain in a knee."@en .
id:Kneeling a kg:Factor ; rdfs:label "kneeling"@en ; skos:definition "Being on one's knees."@en .
id:Dizziness a kg:Symptom ; rdfs:label "dizziness"@en ; skos:definition "A feeling of turning."@en .
id:Ambulance a kg:Action ; rdfs:label "call an ambulance"@en ; skos:definition "Telephoning for one."@en ;
  kg:urgencyRank 4 ; kg:safetyLevel "emergency" .
"""


def _located(name: str, text: str) -> str:
    start = TEXT.index(text)
    return f"""oa:hasSource <> ; oa:hasSelector <{name}#span> ; kg:sha256 "{sha256(text.encode()).hexdigest()}" .
  <{name}#span> a oa:TextPositionSelector ; oa:start {start} ; oa:end {start + len(text)} ."""


TRIG = f"""\
@base <{DOCUMENT}> .
@prefix kg:      <https://w3id.org/backstory/ns#> .
@prefix id:      <https://w3id.org/backstory/id/> .
@prefix rdfs:    <http://www.w3.org/2000/01/rdf-schema#> .
@prefix oa:      <http://www.w3.org/ns/oa#> .
@prefix dcterms: <http://purl.org/dc/terms/> .

<> {{
  <> a kg:Document ; dcterms:title "Knee twinges"@en ; dcterms:publisher "Nobody" ; kg:aboutTopic id:KneeTwinge ;
    kg:textLength {len(TEXT)} ; kg:sha256 "{sha256(TEXT.encode()).hexdigest()}" .
  <s01> a kg:Question ; rdfs:label "Knee twinges"@en ; kg:headingLevel 1 ; kg:position 1 ;
    {_located("s01", LINES[0])}
}}

<> {{
  <001> a kg:Passage ; kg:inSection <s01> ; kg:answers <s01> ; kg:position 2 ;
    {_located("001", LINES[1])}
}}
<001> {{
  id:KneeTwinge kg:hasCause id:Kneeling .
}}

<> {{
  <002> a kg:Passage ; kg:inSection <s01> ; kg:answers <s01> ; kg:position 3 ; kg:itemNumber 1 ; kg:leadIn <001> ;
    {_located("002", LINES[2][2:])}
}}
<002> {{
  <002#warning> a kg:Warning ; kg:hasTrigger id:Dizziness ; kg:recommendsAction id:Ambulance .
}}

<> {{
  <003> a kg:Passage ; kg:inSection <s01> ; kg:answers <s01> ; kg:position 4 ; kg:itemNumber 2 ; kg:leadIn <001> ;
    kg:statesNothing "It is here to be the last one."@en ;
    {_located("003", LINES[3][2:])}
}}
"""


def write(root: Path, *, trig: str = TRIG, entities: str = ENTITIES) -> Path:
    """Write the dataset below `root/kg` and give that directory."""
    data = root / "kg"
    (data / "documents").mkdir(parents=True)
    shutil.copy(REPOSITORY / "ontology.ttl", root / "ontology.ttl")
    (data / "entities.ttl").write_text(entities, "utf-8")
    (data / "documents" / f"{NAME}.trig").write_text(trig, "utf-8")
    return data


def line_of(text: str, part: str) -> int:
    """The line, from 1, on which a part of a text begins."""
    return text.count("\n", 0, text.index(part)) + 1
