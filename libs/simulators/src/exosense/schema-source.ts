/**
 * The working schema. The vendor's document names `assets`, `asset`, `deleteAsset` and `Pagination`; the rest is what
 * working clients ask for, and `createAsset`, `updateAsset`, `inviteUser`, `controlSignal` with their inputs are this
 * simulator's own words for what the document says can be done.
 */
export const SCHEMA_SOURCE = /* GraphQL */ `
  "Any JSON value."
  scalar JSON

  input Pagination { limit: Int, offset: Int }
  input AssetFilters { text: String }
  input GroupFilters { group_id: ID, group_type_id: ID, recurse: Boolean, text: String }
  input DeviceFilters {
    text: String, status: String, health_status: String, group_id: ID, sort: String, single: Boolean, only_unused: Boolean
  }
  input UserFilters { types: [String], text: String }
  input RoleFilters { text: String }
  input LogFilters { asset_ids: [ID], levels: [String], categories: [String], text: String }
  input ConditionQuery { asset_ids: [ID], levels: [String], categories: [String] }
  input ConditionQueryOrder { field: String!, direction: String }
  input PanelMetricOptions { limit: Int }
  input StatusOptions { limit: Int }
  input ReportSignal { id: ID!, name: String }
  input ReportTimezone { format: String, offset: Int }
  input CreateReport {
    "Seconds since 1970 UTC."
    start_timestamp: Int!
    end_timestamp: Int!
    signals: [ReportSignal!]!
    assetNames: [String]
    timezone: ReportTimezone
  }
  input CreateAssetInput { name: String!, description: String, group_id: ID, template_id: ID, meta: JSON }
  input UpdateAssetInput { name: String, description: String, group_id: ID, locked: Boolean, meta: JSON }

  type Unit {
    id: ID!
    name: String
    abbr: String
    convert: Boolean
    channelDataUnit: Boolean
    usCustomaryConvert: String
    siConvert: String
    nonCompliant: Boolean
  }
  type UnitConversion { id: ID! name: String unit: String offset: Float multiplier: Float }
  type SignalType {
    id: ID!
    name: String
    "NUMERIC, STRING, BOOLEAN or JSON."
    primitive_type: String
    convertable: Boolean
    units: [Unit]
    conversions: [UnitConversion]
  }
  type SignalChannelConfig { value: Float channel: String signal: ID }
  type MetricDatapoint { timestamp: String value: Float valueString: String protocol: String receivedTime: String }
  type Channel {
    id: ID!
    display_name: String
    properties: JSON
    data(options: PanelMetricOptions): [MetricDatapoint]
  }
  type Signal {
    id: ID!
    name: String
    tag: String
    locked: Boolean
    visualize: Boolean
    "Whether history is kept; without it there is the last value alone."
    record: Boolean
    favorite: Boolean
    root: Boolean
    archived: Boolean
    type: SignalType
    units: Unit
    primitive_type: String
    precision: SignalChannelConfig
    min: Float
    max: Float
    signalMin: SignalChannelConfig
    signalMax: SignalChannelConfig
    baseline: Float
    target: Float
    "Milliseconds."
    sampleRate: Float
    "Milliseconds."
    reportRate: SignalChannelConfig
    "Milliseconds."
    timeout: SignalChannelConfig
    displayFormat: String
    deviceDiagnostic: Boolean
    control: Boolean
    channel: Channel
    "The newest points, newest first."
    data(options: PanelMetricOptions): [MetricDatapoint]
  }
  type AssetType { id: ID! name: String }
  type AssetLocation { mode: String signal: ID }
  type AssetReference { id: ID! name: String }
  type Transformation { id: ID! name: String }
  type RuleData {
    timestamp: String category: String type: String level: String value: Float valueString: String additionalFields: JSON
  }
  type Rule {
    id: ID!
    name: String
    category: String
    constants: JSON
    subscribes: [RuleSubscription]
    data(options: PanelMetricOptions): [RuleData]
  }
  type RuleSubscription { id: ID! tag: String }
  type Action { id: ID! name: String enabled: Boolean }
  type Asset {
    id: ID!
    name: String
    description: String
    locked: Boolean
    meta: JSON
    parent: Group
    location: AssetLocation
    template: AssetReference
    assetType: AssetType
    signals: [Signal]
    transformations: [Transformation]
    rulez: [Rule]
    actions: [Action]
  }
  type StatusValue { timestamp: String level: String value: Float valueString: String additionalFields: JSON }
  type StatusCategory { category: String values: [StatusValue] }
  type AssetStatus { id: ID! lastHeard: String categories(options: StatusOptions): [StatusCategory] }
  type GroupTotals { devices: Int assets: Int groups: Int users: Int }
  type Group {
    id: ID!
    name: String
    parent_id: ID
    node_type_id: ID
    custom_id: String
    description: String
    children(pagination: Pagination): [Group]
    assets(pagination: Pagination): [Asset]
    devices(pagination: Pagination): [Device]
    users(pagination: Pagination): [User]
    roles: [Role]
    totals(recurse: Boolean): GroupTotals
  }
  type NameValue { name: String value: String }
  type DeviceState { connected: Boolean lastHeard: String }
  type Device {
    id: ID!
    identity: String
    name: String
    description: String
    locked: Boolean
    tags: [NameValue]
    resources: [NameValue]
    state: DeviceState
  }
  type ProductSettings { fqdn: String }
  type Product { pid: ID! name: String isSimulator: Boolean settings: ProductSettings }
  type Log {
    id: ID!
    timestamp: String
    level: String
    category: String
    asset: AssetReference
    user: User
    template_parameters: JSON
  }
  type Policy { id: ID! }
  type Condition {
    id: ID!
    asset: AssetReference
    policy: Policy
    level: String
    category: String
    timestamp: String
    value: Float
    valueString: String
    additionalFields: JSON
  }
  type ConditionResult { total: Int results: [Condition] }
  type Role { id: ID! name: String permissions: [String] }
  type User { id: ID! email: String name: String type: String status: String role: Role groups: [Group] }
  type ReportStatus {
    job_id: ID!
    state: String
    format: String
    query: JSON
    length: Float
    filename: String
    content_id: ID
    start_time: String
    update_time: String
  }

  type Query {
    assets(pagination: Pagination, filters: AssetFilters, ids: [ID], includeTemplates: Boolean): [Asset]
    asset(id: ID!): Asset
    assetStatuses(ids: [ID]!): [AssetStatus]
    groups(filters: GroupFilters, pagination: Pagination): [Group]
    devices(product: String, unclaimed: Boolean, filters: DeviceFilters, ids: [ID], pagination: Pagination): [Device]
    products: [Product]
    logs(filters: LogFilters, pagination: Pagination): [Log]
    conditionQuery(query: [ConditionQuery!], order: [ConditionQueryOrder!], pagination: Pagination): ConditionResult
    users(filters: UserFilters, pagination: Pagination): [User]
    roles(filters: RoleFilters): [Role]
    currentUser: User
    reportStatus(job_id: ID!): ReportStatus
    "An address to fetch the file from, good for so many seconds."
    report(job_id: ID!, expires_in: Int): String
  }
  type Mutation {
    deleteAsset(id: ID!): Asset
    deleteDevice(id: ID!): Device
    deleteGroup(id: ID!): Group
    deleteUser(id: ID!): User
    deleteRole(id: ID!): Role
    "The id of the job."
    createReport(report_info: CreateReport!): ID
    createAsset(asset: CreateAssetInput!): Asset
    updateAsset(id: ID!, asset: UpdateAssetInput!): Asset
    inviteUser(email: String!, role_id: ID!, group_ids: [ID!]!): User
    "Orders the device behind a control signal to hold a value; the device reports it when it has done so."
    controlSignal(signal_id: ID!, value: String!): MetricDatapoint
  }
`;
