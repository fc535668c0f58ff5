"""Teaching: stages, versions, gate, promotion, report."""
