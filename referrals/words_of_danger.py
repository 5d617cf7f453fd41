from referrals.project_functions import project_function


def tells_of_danger(text: str) -> bool:
    """Whether the text has one of the words of danger, which editors keep. It is neither stored nor logged."""
    reader = project_function("DANGER_READER")
    return bool(reader and text.strip() and reader(text))
