#!/bin/sh
# Make the archives in this folder anew. Needs Info-ZIP's zip, 7zz (7-Zip), a JDK and Node.js with
# archiver@7, yazl@3, jszip@3 and fflate@0.8 found through NODE_PATH. Run it in this folder.
set -eu
here=$(pwd)
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
mkdir -p "$work/pack/notebooks" "$work/pack/empty"
cd "$work/pack"
printf '{"slug":"jupyter-example","title":"Example","tool":"jupyter","version":"1.0.0","license_spdx":"MIT"}' >key.json
printf '{"cells":[],"metadata":{},"nbformat":4,"nbformat_minor":5}' >notebooks/example.ipynb
printf 'x' >tiny.txt
seq 1 400 >sample.csv

zip -qr "$here/infozip.zip" .
zip -qr -0 "$here/infozip-stored.zip" .
zip -qr - . | cat >"$here/infozip-pipe.zip"
zip -qr -0 - . | cat >"$here/infozip-pipe-stored.zip"
zip -qr -fz "$here/infozip-forced-zip64.zip" .
zip -qr -fd "$here/infozip-descriptors.zip" .
printf 'plain words\n' | zip -qr -z "$here/infozip-comment.zip" .
(cd .. && zip -qr "$here/infozip-top-folder.zip" pack)

printf 'y' >'daté 🎉.csv'
LC_ALL=C.UTF-8 7zz a -tzip -bso0 "$here/7zip.zip" .
LC_ALL=C.UTF-8 7zz a -tzip -mx=0 -bso0 "$here/7zip-stored.zip" .
LC_ALL=C.UTF-8 jar cfM "$here/java-jar.zip" .
LC_ALL=C.UTF-8 jar cfM0 "$here/java-jar-stored.zip" .

cat >../write.cjs <<'JS'
const fs = require('fs');
const here = process.argv[2];
const names = ['key.json', 'notebooks/example.ipynb', 'tiny.txt', 'sample.csv', 'daté 🎉.csv'];
const date = new Date(2024, 0, 1);

const archiver = require('archiver');
for (const store of [false, true]) {
  const made = archiver('zip', { store });
  made.pipe(fs.createWriteStream(`${here}/node-archiver${store ? '-stored' : ''}.zip`));
  for (const name of names) made.append(fs.createReadStream(name), { name, date });
  made.append(null, { name: 'empty/', type: 'directory', date });
  made.finalize();
}

const yazl = require('yazl');
for (const [label, options, end] of [
  ['', {}, {}],
  ['-forced-zip64', { forceZip64Format: true }, { forceZip64Format: true }],
  ['-stored', { compress: false }, {}]
]) {
  const made = new yazl.ZipFile();
  for (const name of names)
    made.addReadStream(fs.createReadStream(name), name, { mtime: date, ...options });
  made.addEmptyDirectory('empty', { mtime: date });
  made.end(end);
  made.outputStream.pipe(fs.createWriteStream(`${here}/node-yazl${label}.zip`));
}

const JSZip = require('jszip');
for (const streamFiles of [false, true]) {
  const made = new JSZip();
  for (const name of names) made.file(name, fs.readFileSync(name), { date });
  made
    .generateAsync({ type: 'nodebuffer', compression: 'DEFLATE', streamFiles })
    .then(raw => fs.writeFileSync(`${here}/node-jszip${streamFiles ? '-streamed' : ''}.zip`, raw));
}

const fflate = require('fflate');
const files = Object.fromEntries(names.map(name => [name, fs.readFileSync(name)]));
fs.writeFileSync(`${here}/node-fflate.zip`, fflate.zipSync(files, { mtime: date }));
JS
node ../write.cjs "$here"
