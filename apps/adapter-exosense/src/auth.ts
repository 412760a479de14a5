import type { Secret } from '@tributary/adapter-kit';

/**
 * Quirk: the scheme is `Automation`, not `Bearer`, and the token neither expires nor can be renewed: one that is
 * refused stays refused until somebody replaces it (API page, "Authentication").
 */
export const authorization = (token: Secret): Record<string, string> => ({
  Authorization: `Automation ${token.reveal()}`,
});
