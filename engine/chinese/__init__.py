"""The Chinese of what the program says in English: a module a subject, each form by its English."""
