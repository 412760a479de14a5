/**
 * Every GraphQL text of this adapter, in the names that the vendor's document and known clients use. A text is a wish:
 * before it is sent, `schema.ts` leaves out what an instance does not offer and takes the types from its schema. All
 * that varies goes in as variables.
 */

/**
 * Names of the root fields. `assets`, `asset` and `deleteAsset` are documented; an instance that calls another one
 * differently is told so in the settings (`names`).
 */
export const rootFields = {
  assets: 'query',
  asset: 'query',
  assetStatuses: 'query',
  groups: 'query',
  devices: 'query',
  products: 'query',
  logs: 'query',
  users: 'query',
  roles: 'query',
  currentUser: 'query',
  reportStatus: 'query',
  report: 'query',
  deleteAsset: 'mutation',
  deleteGroup: 'mutation',
  deleteDevice: 'mutation',
  deleteUser: 'mutation',
  createReport: 'mutation',
  createAsset: 'mutation',
  updateAsset: 'mutation',
  inviteUser: 'mutation',
  controlSignal: 'mutation',
} as const satisfies Record<string, 'query' | 'mutation'>;
export type RootField = keyof typeof rootFields;
export const rootFieldNames = Object.keys(rootFields) as RootField[];

const signalFields = `
  id name record archived control primitive_type timeout { value } reportRate { value }
  type { id name primitive_type } units { id name abbr }
  channel { id display_name properties }`;

export const assetFields = `
  id name description locked meta
  parent { id name } template { id name } assetType { id name } location { mode signal }`;

const point = 'timestamp value valueString';

const userFields = 'id email name type status role { id name } groups { id name }';

/** Whole documents; each has one operation with one root field. */
export const documents = {
  probe: 'query Probe($pagination: Pagination) { assets(pagination: $pagination) { id } }',
  assets: `query Assets($pagination: Pagination) {
    assets(pagination: $pagination) { ${assetFields} signals { ${signalFields} } } }`,
  assetList: `query AssetList($pagination: Pagination, $filters: AssetFilters) {
    assets(pagination: $pagination, filters: $filters) { ${assetFields} } }`,
  asset: `query Asset($assetId: ID!) { asset(id: $assetId) { ${assetFields} signals { ${signalFields} } } }`,
  points: `query Points($assetId: ID!, $newest: PanelMetricOptions) {
    asset(id: $assetId) { id signals { id record primitive_type type { primitive_type } units { id name abbr }
      data(options: $newest) { ${point} } } } }`,
  control: `query Control($assetId: ID!, $newest: PanelMetricOptions) {
    asset(id: $assetId) { id signals { ${signalFields} data(options: $newest) { ${point} } } } }`,
  deleteAsset: 'mutation DeleteAsset($id: ID!) { deleteAsset(id: $id) { id } }',
  deleteGroup: 'mutation DeleteGroup($id: ID!) { deleteGroup(id: $id) { id } }',
  deleteDevice: 'mutation DeleteDevice($id: ID!) { deleteDevice(id: $id) { id } }',
  deleteUser: 'mutation DeleteUser($id: ID!) { deleteUser(id: $id) { id } }',
  statuses: `query Statuses($ids: [ID]!) {
    assetStatuses(ids: $ids) { id lastHeard categories { category values { timestamp level value valueString } } } }`,
  groups: `query Groups($pagination: Pagination) {
    groups(pagination: $pagination) { id name parent_id node_type_id custom_id description } }`,
  devices: `query Devices($pagination: Pagination, $ids: [ID]) {
    devices(pagination: $pagination, ids: $ids) {
      id identity name description locked tags { name value } resources { name value } state { connected lastHeard } } }`,
  products: 'query Products { products { pid name isSimulator settings { fqdn } } }',
  logs: `query Logs($pagination: Pagination) {
    logs(pagination: $pagination) {
      id timestamp level category asset { id name } user { id email name } template_parameters } }`,
  users: `query Users($pagination: Pagination) { users(pagination: $pagination) { ${userFields} } }`,
  roles: 'query Roles { roles { id name permissions } }',
  currentUser: `query CurrentUser { currentUser { ${userFields} } }`,
  createReport: 'mutation CreateReport($report: CreateReport!) { createReport(report_info: $report) }',
  reportStatus: 'query ReportStatus($job: ID!) { reportStatus(job_id: $job) { job_id state format length } }',
  report: 'query Report($job: ID!, $expiresIn: Int) { report(job_id: $job, expires_in: $expiresIn) }',
} as const;
export type DocumentName = keyof typeof documents;

/** What a mutation that introspection found is to answer with. */
export const results = {
  createAsset: `{ ${assetFields} }`,
  updateAsset: `{ ${assetFields} }`,
  inviteUser: `{ ${userFields} }`,
  controlSignal: '{ timestamp value valueString }',
} as const;
export type FoundMutation = keyof typeof results;

/** What the vendor's document gives: assumed where an instance does not answer introspection. */
export const documentedSchema = /* GraphQL */ `
  input Pagination { limit: Int, offset: Int }
  type Asset { id: ID! name: String }
  type Query { assets(pagination: Pagination): [Asset] asset(id: ID!): Asset }
  type Mutation { deleteAsset(id: ID!): Asset }
`;
