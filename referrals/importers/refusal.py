"""What every importer raises when it will not go on."""


class ImportRefusedError(Exception):
    """The import stopped and changed nothing. The text tells the operator which file, what is wrong, what was due."""
