"""One way to break each rule and each shape of the graph."""

from __future__ import annotations

from tests.kg.breaking import Break
from tests.kg.made import DOCUMENT

#: One way to break each rule of kg/checks.
RULE_BREAKS = (
    Break("known-graph", "a triple in a graph of nobody", add="<urn:stray> { id:Ice kg:inCategory id:SelfCare }"),
    Break("blank-node", "a blank node in a passage", add="<004> { id:BackSpasm kg:affects [] }"),
    Break(
        "fact-outside-passage", "a fact among the things", add="graph:entities { id:BackSpasm kg:hasCause id:Stress }"
    ),
    Break("name-in-passage", "a passage that names a thing", add='<004> { id:LowerBack skos:altLabel "loins"@en }'),
    Break("denial-beside-fact", "a cause that is denied", add="<012> { id:BackSpasm kg:notCausedBy id:Stress }"),
    Break(
        "denial-between-documents",
        "another document that denies a cause",
        add=f"""<{DOCUMENT}> {{ <{DOCUMENT}> a kg:Document . <{DOCUMENT}001> a kg:Passage ; kg:position 1 }}
                <{DOCUMENT}001> {{ id:BackSpasm kg:notCausedBy id:Stress }}""",
    ),
    Break("item-without-lead-in", "an item that lost its lead-in", drop=(("047", "kg:leadIn"),)),
    Break(
        "lead-in-misplaced",
        "an item that introduces an item",
        drop=(("047", "kg:leadIn"),),
        add="<> { <047> kg:leadIn <046> }",
    ),
    Break(
        "span-overlap",
        "a span that reaches back",
        drop=(("019#span", "oa:start"),),
        add="<> { <019#span> oa:start 1700 }",
    ),
    Break("position-gap", "a passage that is gone", drop=(("004", "kg:position"),)),
    Break(
        "span-beyond-text",
        "a text shorter than its spans",
        drop=(("", "kg:textLength"),),
        add="<> { <> kg:textLength 8000 }",
    ),
    Break(
        "unused-property",
        "a property for nothing",
        add='graph:ontology { kg:smellsOf a owl:ObjectProperty ; rdfs:label "smells of"@en }',
    ),
    Break(
        "unused-class", "a class without members", add='graph:ontology { kg:Smell a owl:Class ; rdfs:label "smell"@en }'
    ),
    Break(
        "unused-thing",
        "a thing that no document speaks of",
        add='graph:entities { id:Rain a kg:Factor ; rdfs:label "rain"@en }',
    ),
    Break("silent-passage", "a passage that states nothing", add="<> { <999> a kg:Passage }"),
    Break(
        "silent-yet-stating", "a reason for silence beside facts", add='<> { <004> kg:statesNothing "It is empty."@en }'
    ),
    Break(
        "statement-name", "a warning named like a thing", add="<004> { id:W a kg:Warning ; kg:hasTrigger id:ChestPain }"
    ),
    Break(
        "statement-scattered",
        "half a warning in another passage",
        add="<043> { <042#warning> kg:hasTrigger id:Headache }",
    ),
    Break("statement-untyped", "an instruction without its kind", drop=(("070#instruction", "rdf:type"),)),
    Break("subject-kind", "a body part that causes", add="<004> { id:LowerBack kg:hasCause id:Stress }"),
    Break("object-kind", "a cause that is a towel", add="<004> { id:BackSpasm kg:hasCause id:Towel }"),
    Break(
        "shared-label",
        "two things of one name",
        add='graph:entities { id:Heat rdfs:label "Ice"@en . id:Ice rdfs:label "ice"@en }',
    ),
    Break("foreign-term", "a misspelt label", add='graph:entities { id:Ice rdfs:lable "ice"@en }'),
    Break("question-unanswered", "a passage that forgets its heading", drop=(("004", "kg:answers"),)),
    Break("reading-without-note", "a confidence without its note", add="<> { <004> kg:readingConfidence 0.5 }"),
    Break("denial-not-disjoint", "a denial that is not disjoint", drop=(("kg:hasCause", "owl:propertyDisjointWith"),)),
    Break(
        "duration-without-minutes",
        "hours taken for minutes",
        drop=(("075#limit", "kg:minutes"),),
        add="<075> { <075#limit> kg:minutes 72 }",
    ),
    Break(
        "broader-loop",
        "two things broader than each other",
        add="graph:entities { id:Ice skos:broader id:Heat . id:Heat skos:broader id:Ice }",
    ),
    Break("dangling-passage", "a definition in no passage", add="graph:entities { id:Ice kg:definedBy <998> }"),
)

#: One way to break each shape; all at once, each at a node of its own.
SHAPE_BREAKS = (
    Break("term-label", "a class without a label", (("kg:Drug", "rdfs:label"),), focus="kg:Drug"),
    Break(
        "term-definition",
        "a class with two definitions",
        add='graph:ontology { kg:Measure skos:definition "Something."@en }',
        focus="kg:Measure",
    ),
    Break(
        "relation-inverse-label",
        "a relation that cannot be read backwards",
        (("kg:hasCause", "kg:inverseLabel"),),
        focus="kg:hasCause",
    ),
    Break(
        "thing-label", "a thing with two labels", add='graph:entities { id:Ice rdfs:label "cold"@en }', focus="id:Ice"
    ),
    Break("thing-definition", "a thing without a definition", (("id:Heat", "skos:definition"),), focus="id:Heat"),
    Break(
        "action-rank",
        "an action of rank 9",
        (("id:GoToEmergencyRoom", "kg:urgencyRank"),),
        "graph:entities { id:GoToEmergencyRoom kg:urgencyRank 9 }",
        "id:GoToEmergencyRoom",
    ),
    Break(
        "action-level",
        "an action without a level",
        (("id:CallEmergencyNumber", "kg:safetyLevel"),),
        focus="id:CallEmergencyNumber",
    ),
    Break("warning-trigger", "a warning about nothing", (("042#warning", "kg:hasTrigger"),), focus="042#warning"),
    Break(
        "warning-action",
        "a warning with two actions",
        add="<046> { <046#warning> kg:recommendsAction id:CallEmergencyNumber }",
        focus="046#warning",
    ),
    Break(
        "warning-case",
        "a warning about two conditions",
        add="<047> { <047#warning> kg:inCaseOf id:BackPain }",
        focus="047#warning",
    ),
    Break("Course", "a course that says nothing", (("051#course", "kg:hasDuration"),), focus="051#course"),
    Break(
        "statement-case",
        "an instruction for no condition",
        (("070#instruction", "kg:inCaseOf"),),
        focus="070#instruction",
    ),
    Break(
        "instruction-treatment",
        "an instruction for nothing",
        (("071#instruction", "kg:forTreatment"),),
        focus="071#instruction",
    ),
    Break(
        "prevalence-share",
        "a prevalence without a number",
        (("005#prevalence", "kg:hasShare"),),
        focus="005#prevalence",
    ),
    Break("quantity-unit", "a duration without a unit", (("052#duration", "schema:unitText"),), focus="052#duration"),
    Break(
        "Quantity",
        "a quantity with value and range",
        add="<071> { <071#duration> schema:value 25 }",
        focus="071#duration",
    ),
    Break("document-title", "a document without a title", (("", "dcterms:title"),), focus=""),
    Break("document-publisher", "a document without a publisher", (("", "dcterms:publisher"),), focus=""),
    Break(
        "document-topic",
        "a document about an activity",
        (("", "kg:aboutTopic"),),
        "<> { <> kg:aboutTopic id:Driving }",
        "",
    ),
    Break("document-length", "a document without a length", (("", "kg:textLength"),), focus=""),
    Break("document-digest", "a document with a short digest", (("", "kg:sha256"),), '<> { <> kg:sha256 "abc" }', ""),
    Break("section-label", "a section without a heading", (("s01", "rdfs:label"),), focus="s01"),
    Break(
        "section-level", "a section of level 9", (("s02", "kg:headingLevel"),), "<> { <s02> kg:headingLevel 9 }", "s02"
    ),
    Break("passage-section", "a passage in no section", (("001", "kg:inSection"),), focus="001"),
    Break("passage-item", "an item number 0", (("015", "kg:itemNumber"),), "<> { <015> kg:itemNumber 0 }", "015"),
    Break("passage-lead-in", "an item with two lead-ins", add="<> { <016> kg:leadIn <013> }", focus="016"),
    Break(
        "passage-answers",
        "a passage that answers no question",
        (("002", "kg:answers"),),
        "<> { <002> kg:answers <s01> }",
        "002",
    ),
    Break(
        "passage-confidence",
        "a confidence of 2",
        (("003", "kg:readingConfidence"),),
        "<> { <003> kg:readingConfidence 2.0 }",
        "003",
    ),
    Break("passage-note", "two notes on one reading", add='<> { <011> kg:readingNote "Another."@en }', focus="011"),
    Break("passage-silence", "two reasons for silence", add='<> { <014> kg:statesNothing "Another."@en }', focus="014"),
    Break("located-position", "a passage without a position", (("005", "kg:position"),), focus="005"),
    Break("located-digest", "a passage without a digest", (("006", "kg:sha256"),), focus="006"),
    Break("located-source", "a passage of no document", (("007", "oa:hasSource"),), focus="007"),
    Break("located-selector", "a passage without a selector", (("008", "oa:hasSelector"),), focus="008"),
    Break(
        "selector-start",
        "a span that starts after its end",
        (("009#span", "oa:start"),),
        "<> { <009#span> oa:start 2000 }",
        "009#span",
    ),
    Break("selector-end", "a span without an end", (("010#span", "oa:end"),), focus="010#span"),
)
