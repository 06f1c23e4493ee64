"""From a patient-education page to a document file that a person then curates.

What the structure of a page states is drafted: sections, passages with their places and digests, questions from
headings, and one fact for each item of a list whose heading or lead-in says what its items are. Running text is cut
into passages and left to the curator. Of the text itself, nothing is written down but headings and names of things.
"""
