/**
 * The lock file, held to what `npm ci` needs on every machine.
 *
 * npm leaves optional packages of other platforms out of the lock when the registry at hand does not have them at
 * that moment; `npm ci` then fails everywhere with "Missing: … from lock file".
 */
import { readFile } from 'node:fs/promises'
import { expect } from 'chai'

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly hasInstallScript?: boolean
  readonly resolved?: string
  readonly integrity?: string
}

describe('package-lock.json', () => {
  let packages: [string, LockedPackage][]
  let names: Set<string>

  before(async () => {
    packages = Object.entries((JSON.parse(await readFile('package-lock.json', 'utf8')) as { packages: Record<string, LockedPackage> }).packages)
    names = new Set(packages.map(([path]) => path))
  })

  it('names every optional package, those of other platforms included (else: take them from the last commit)', () => {
    const missing = packages.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !names.has(`node_modules/${name}`) && !names.has(`${path}/node_modules/${name}`)),
    )
    expect(missing).to.deep.equal([])
  })

  it('every package, those of other platforms included, has the hash that `npm ci` holds it against', () => {
    const unhashed = packages.filter(([path, { integrity = '' }]) => path !== '' && !integrity.startsWith('sha512-')).map(([path]) => path)
    expect(unhashed, 'pin a version whose platform packages are all published, and let npm write the lock').to.deep.equal([])
  })

  it('every package with an install script is allowed or denied by name in package.json', async () => {
    const { allowScripts } = JSON.parse(await readFile('package.json', 'utf8')) as { allowScripts: Record<string, boolean> }
    const undecided = packages
      .filter(([, { hasInstallScript }]) => hasInstallScript === true)
      .map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length))
      .filter((name) => !(name in allowScripts))
    expect(undecided).to.deep.equal([])
  })

  it('names no registry: each machine uses its own', () => {
    expect(packages.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path)).to.deep.equal([])
  })
})
