"""The table of verbs, and how words and JSON become calls: all that the doors share."""
