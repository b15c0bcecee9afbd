import { join } from 'node:path';
import { keyIdOf } from '../../protocol/manifest.ts';
import { messageOf } from '../../runtime/errors.ts';
import { listImages, type StoredImage, servedPath } from '../images/image-store.ts';
import { readVersion } from '../images/main.ts';
import { readManifestPublicKey } from '../trees/keys.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

export type ImagesFacts =
  | {
      readonly kind: 'looked';
      readonly images: readonly StoredImage[];
      /** Of this Scree. */
      readonly version: string;
      /** Of the key that signs trees now; undefined: there is none yet. */
      readonly keyId: string | undefined;
    }
  | { readonly kind: 'not-looked'; readonly reason: string };

/** Images of the agent that were made for ramdisks. */
export async function lookAtImages(state: string): Promise<ImagesFacts> {
  try {
    const images = await listImages(join(state, 'images'));
    const key = await readManifestPublicKey(state);
    const keyId = key === undefined ? undefined : keyIdOf(key);
    return { kind: 'looked', images, version: await readVersion(), keyId };
  } catch (error) {
    return { kind: 'not-looked', reason: messageOf(error) };
  }
}

/** One finding for each processor; that there is no image at all, the boot actions say. */
export function checkImages(facts: ImagesFacts): readonly Finding[] {
  if (facts.kind === 'not-looked') {
    const advice = 'run doctor as the owner of the state folder';
    return [warning('agent image', `was not looked at: ${facts.reason}`, advice)];
  }
  const byProcessor = Map.groupBy(facts.images, ({ facts: { architecture } }) => architecture);
  return [...byProcessor.values()].flatMap((images) => {
    const current = images.find((image) => image.facts.version === facts.version);
    const shown = current ?? images.at(-1);
    return shown === undefined ? [] : [checkImage(shown, facts)];
  });
}

function checkImage(
  { path, facts, sizeBytes }: StoredImage,
  now: Extract<ImagesFacts, { kind: 'looked' }>,
): Finding {
  const { architecture, version, keyId } = facts;
  const check = `agent image ${architecture}`;
  const again = `scree image build --arch ${architecture}`;
  if (sizeBytes !== facts.sizeBytes) {
    const text = `'${path}' has ${sizeBytes ?? 'no'} bytes, not the ${facts.sizeBytes} that it was made with`;
    return problem(check, text, again);
  }
  if (keyId !== now.keyId) {
    const text = `carries the key ${keyId}, trees are signed with ${now.keyId ?? 'none yet'}: agents refuse them`;
    return problem(check, text, again);
  }
  if (version !== now.version) {
    return warning(check, `is of version ${version}, this is ${now.version}`, again);
  }
  return ok(check, `version ${version}, sent as ${servedPath(architecture)}`);
}
