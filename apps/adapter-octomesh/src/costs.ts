/** What a call spends of the vendor's limits, by name of the manifest's budgets. */
export const FREE = { queries: 0, mutations: 0, uploads: 0 };
export const ONE_QUERY = { ...FREE, queries: 1 };
export const ONE_MUTATION = { ...FREE, mutations: 1 };
export const ONE_UPLOAD = { ...FREE, uploads: 1 };
