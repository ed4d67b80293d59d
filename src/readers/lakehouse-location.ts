import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { TablecastError } from '../lib/index';
import type { LakehouseConnectionOptions } from './lakehouse-connection-settings';

/** A lakehouse's folder, understood. */
export interface LakehouseFolder {
  /** As DuckDB takes it, without a slash at its end. */
  readonly url: string;
  /** Whether it is in Azure, not on this machine. */
  readonly remote: boolean;
  /** Storage account, as far as it is known. */
  readonly account: string | undefined;
}

/**
 * Understands `url` of the secret: OneLake and Data Lake (`abfss:`), blobs (`az:`, `azure:`), or a folder of this machine (a path, or `file:`).
 * @throws TablecastError SECRET_INVALID
 */
export function lakehouseFolder(secretName: string, { url, account, connectionString }: LakehouseConnectionOptions): LakehouseFolder {
  const invalid = (reason: string): TablecastError => new TablecastError('SECRET_INVALID', { name: secretName, reason: `url: ${reason}` });
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/i.exec(url) ?? [];
  if (scheme === undefined) return { url: path.resolve(url), remote: false, account: undefined };
  switch (scheme.toLowerCase()) {
    case 'file':
      return { url: path.resolve(fileURLToPath(url)), remote: false, account: undefined };
    case 'abfss':
    case 'az':
    case 'azure':
      break;
    default:
      throw invalid(`it begins with ${scheme}:, not with abfss:, az: or file:`);
  }
  // abfss://container@account.dfs.core.windows.net/… and az://account.blob.core.windows.net/container/… name their account.
  const [authority = ''] = rest.split('/', 1);
  const named = authority.includes('@') ? /@([^.]+)\./.exec(authority)?.[1] : /^([^.]+)\.(?:blob|dfs)\./.exec(authority)?.[1];
  const found = account ?? named;
  if (found === undefined && connectionString === undefined)
    throw invalid('it does not name its storage account, so "account" or "connectionString" has to');
  if (authority === '') throw invalid('it names no container');
  return { url: url.replace(/\/+$/, ''), remote: true, account: found };
}

/**
 * The path of a table below the lakehouse's folder.
 * @throws TablecastError LAKEHOUSE_LOCATION_INVALID
 */
export function tablePath({ url }: LakehouseFolder, location: string): string {
  const invalid = (reason: string): TablecastError => new TablecastError('LAKEHOUSE_LOCATION_INVALID', { location, reason });
  if (location === '') throw invalid('it is empty');
  if (/[?#%\\]/.test(location) || location.includes('://')) throw invalid('it is not a path below the folder of the lakehouse');
  if (location.split('/').some((part) => part === '' || part === '.' || part === '..'))
    throw invalid('it has a part that is empty, "." or ".."');
  return `${url}/${location}`;
}
