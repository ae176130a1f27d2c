"""bindlint finds services bound where they should not be: who can connect to this?"""

__version__ = "0.1.0"
