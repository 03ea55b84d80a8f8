"""What is watched, the store that holds it, and the frozen picture of it that everything else reads."""
