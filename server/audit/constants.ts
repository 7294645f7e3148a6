/** The entry that says which rows beside the chain an erasure took, in this field of its `after`. */
export const ERASURE_ACTION = "privacy.entries_erased";
export const ERASED_ENTRIES = "erasedEntries";
