import { z } from 'zod';
import { describe } from '../describe.ts';

/** What the front shows clients that come by TLS. */
export const tlsSchema = z
  .strictObject({
    cert_file: describe(z.string().min(1), {
      effect: 'Certificate and its chain, PEM. It is relative to this file.',
    }),
    key_file: describe(z.string().min(1), {
      effect: 'Private key of the certificate, PEM. It is relative to this file.',
    }),
  })
  .meta({ description: 'With it clients come by HTTPS, without it by HTTP.' });

export type TlsConfig = z.output<typeof tlsSchema>;
