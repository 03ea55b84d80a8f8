"""The rules. Each module looks at manifests and says what is wrong; `catalogue` declares what the rules are called."""
