/**
 * Files of a person as evidence: chosen, dropped, or pasted as a picture.
 */

import type { AttachRequest } from './contract';

/** Files that something was pasted or dropped with; empty when it was text. */
export function filesOf(data: DataTransfer | null): File[] {
  return Array.from(data?.files ?? []);
}

/** A file as the server takes it. */
export async function requestOf(
  file: File,
  step: string | null,
  now = new Date()
): Promise<AttachRequest> {
  return { name: nameOf(file, now), data: await base64(file), step };
}

/** A file's name; a pasted picture has none worth keeping and is named by its time. */
export function nameOf(file: File, now: Date): string {
  const unnamed = /^(image|screenshot)?\.(png|jpe?g|gif|webp)$/i.exec(
    file.name
  );
  if (file.name !== '' && unnamed === null) {
    return file.name;
  }
  const ending = unnamed?.[2] ?? file.type.split('/')[1] ?? 'bin';
  const time = now.toISOString().slice(0, 19).replace(/[-:]/g, '');
  return `screenshot-${time}Z.${ending}`;
}

/** How many bytes are made into text at once; more would be too many arguments. */
const PIECE = 32768;

async function base64(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  for (let at = 0; at < bytes.length; at += PIECE) {
    text += String.fromCharCode(...bytes.subarray(at, at + PIECE));
  }
  return btoa(text);
}
