/** `npm run env:example`: writes `.env.example` from the settings of every process. */
import { writeFile } from 'node:fs/promises'
import { envExample } from '../../cli/env-example.ts'
import { listSettings } from '../../cli/every-setting.ts'

await writeFile(new URL('../../.env.example', import.meta.url), envExample(listSettings()))
