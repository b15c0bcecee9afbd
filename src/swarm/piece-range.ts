/** Pieces `[first, end)`. */
export type PieceRange = { readonly first: number; readonly end: number };
