"""What every importer raises when it will not go on."""


class ImportRefusedError(Exception):
    """The import stopped and changed nothing. Its text is one sentence for the operator: which file, what, what was expected."""
