// machine/pages
