/**
 * Facts the migrations add by hand because the language of schema.prisma has no words for them.
 *
 * The drift check expects exactly these beyond the schema: one that is missing in the migrations fails it as one too
 * many does. The words are those of catalog.ts; a failing check prints the line to write here.
 */
export const catalogExtras: readonly string[] = [
  // Bounds that are asserted in code as well: a row outside them is refused even if the code is wrong.
  'constraint slot.slot_id_in_range CHECK (((id >= 0) AND (id <= 383)))',
  'constraint slot.slot_fence_natural CHECK ((fence >= 0))',
  'constraint actor.actor_slot_in_range CHECK (((slot >= 0) AND (slot <= 383)))',
  'constraint actor.actor_seq_natural CHECK ((seq >= 0))',
  'constraint journal.journal_seq_positive CHECK ((seq >= 1))',
  // Rows that are updated in place again and again: room for the new version on the same page.
  'table slot has fillfactor=50',
  'table actor has fillfactor=70',
  'table cursor has fillfactor=50',
  'table chain_head has fillfactor=70',
  'table watched_shard has fillfactor=50',
]
