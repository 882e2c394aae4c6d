"""What a record says, as findings that are present, absent or unknown.

Begin with `reader`. Each kind of entry has a module that reads it (`statements`, `measurements`,
`medications`, `results`, `attributes`, `onsets`); they share `context` and `naming`. What they
claim is weighed in `claims`.
"""
