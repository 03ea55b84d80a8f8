"""What checks of several layers share."""
