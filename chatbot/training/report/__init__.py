"""The report of a version: measured (measure.py), drawn (figures.py), written as one page (page.py) and as JSON."""
