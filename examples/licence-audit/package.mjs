import { contextOf, listFolder, progress, readFile, resultsByTurn } from './conversation.mjs';

/**
 * @typedef {ReturnType<typeof resultsByTurn>[number]} Results
 * @typedef {{ name: string, places: string[] }} Package
 */

const LICENCE_FILE = /^\[FILE\] ((?:licen[cs]e|copying|unlicense)[^/\n]*)$/gim;
const HEAD_LINES = 25;

/** Words that only the licence itself has, near its beginning. */
const texts = /** @type {const} */ ([
  ['Apache-2.0', /Apache License,?\s+Version 2\.0/i],
  ['MIT', /Permission is hereby granted, free of charge/i],
  ['ISC', /Permission to use, copy, modify, and\/or distribute/i],
  ['BSD-3-Clause', /Redistribution and use in source and binary forms[^]*Neither the name/i],
  ['BSD-2-Clause', /Redistribution and use in source and binary forms/i],
  ['MPL-2.0', /Mozilla Public License,? version 2\.0/i],
  ['GPL-3.0', /GNU GENERAL PUBLIC LICENSE\s+Version 3/i],
  ['Unlicense', /This is free and unencumbered software/i],
]);

/**
 * Says which licence one installed package has, from its package.json and the licence file beside it.
 *
 * @type {import('./conversation.mjs').Script}
 */
export default function auditPackage(request, context) {
  const { name, places } = /** @type {Package} */ (contextOf(request));
  const turns = resultsByTurn(request);
  const index = turns.findIndex(isOpened);
  const opened = turns[index];
  if (opened === undefined) return openNext({ name, places }, turns, context);
  const read = turns[index + 1];
  const [, folder] = opened;
  const [file] = licenceFiles(folder?.content ?? '');
  if (file !== undefined && read === undefined) {
    return { toolCalls: [readFile(`${places[index]}/${file}`, HEAD_LINES)] };
  }
  return { text: JSON.stringify(findings(name, opened, { file, read })) };
}

/**
 * A package is in the first of its places that has it.
 *
 * @param {Package} wanted
 * @param {readonly Results[]} turns
 * @param {import('./conversation.mjs').Context} context
 * @returns {import('./conversation.mjs').Turn}
 */
function openNext({ name, places }, turns, context) {
  const place = places[turns.length];
  if (place === undefined) {
    const [last] = turns.at(-1) ?? [];
    return context.fail(`${name} can't be read: ${last?.content ?? 'nobody says where it is'}`);
  }
  const looks = [readFile(`${place}/package.json`), listFolder(place)];
  return { toolCalls: [...looks, progress(`reading ${name}`)] };
}

/**
 * @param {string} name
 * @param {Results} opened
 * @param {{ file?: string | null, read?: Results }} licence
 */
function findings(name, opened, { file = null, read = [] }) {
  const declared = JSON.parse(opened[0]?.content ?? '{}');
  const text = read[0]?.isError === false ? read[0].content : '';
  const license = declaredLicence(declared) ?? licenceOfText(text);
  return { name, version: declared.version ?? null, license, file };
}

/** @param {Results} turn */
function isOpened([manifest]) {
  return manifest?.call.name === 'files__read_text_file' && !manifest.isError;
}

/** @param {string} listing */
function licenceFiles(listing) {
  return [...listing.matchAll(LICENCE_FILE)].map(([, name = '']) => name);
}

/**
 * A pointer to a file is no licence; older packages name theirs in an object or a list.
 *
 * @param {{ license?: string | { type?: string }, licenses?: { type?: string }[] }} manifest
 * @returns {string | undefined}
 */
function declaredLicence({ license, licenses = [] }) {
  const [first] = licenses;
  const named = typeof license === 'string' ? license : (license?.type ?? first?.type);
  return named === undefined || /^see licen[cs]e in|^unlicensed$/i.test(named) ? undefined : named;
}

/** @param {string} text */
function licenceOfText(text) {
  return texts.find(([, words]) => words.test(text))?.[0] ?? null;
}
