"""What is handed to an auditor as a file: populations, their manifests, a walkthrough, the procedure
document. Pure: everything comes in as values, nothing is read from a database and nothing is decided."""
