/**
 * The words of a command, subcommand or option: English, and German in its own fields.
 */
export interface Words {
  readonly description: string
  readonly de: { readonly name: string; readonly description: string }
}
