// The HTML that the lab's pages start from, with its content security policy. Pure, so that tests load the same page.

export interface PageParts {
  /** random per page */
  readonly nonce: string;
  /** where the webview loads resources from: Webview.cspSource */
  readonly cspSource: string;
  readonly script: string;
  readonly style: string;
  /** default: the ring panel's */
  readonly title?: string;
}

/** Nothing is allowed but the page's own script, style sheet and fonts; no inline style attribute, no eval. */
export function pageHtml({ nonce, cspSource, script, style, title = 'Virtio rings' }: PageParts): string {
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}' ${cspSource}`,
    `font-src ${cspSource}`,
  ].join('; ');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${policy}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta property="csp-nonce" content="${nonce}" />
    <link rel="stylesheet" nonce="${nonce}" href="${style}" />
    <title>${title}</title>
  </head>
  <body>
    <script nonce="${nonce}" src="${script}"></script>
  </body>
</html>
`;
}
