/** A Construction Kit that no code knows: a type with an enum, a list, a relation, a stream, and one derived from it. */
export const ownKit = {
  libraryId: 'MyCompany.Orchard',
  version: '1.0.0',
  types: [
    {
      typeId: 'Plot',
      attributes: [
        { name: 'title', type: 'string', isRequired: true },
        { name: 'hectares', type: 'double' },
      ],
    },
    {
      typeId: 'Tree',
      attributes: [
        { name: 'name', type: 'string', isRequired: true },
        { name: 'variety', type: 'enum', enum: 'Variety', isRequired: true },
        { name: 'planted', type: 'dateTime' },
        { name: 'height', type: 'decimal' },
        { name: 'grafts', type: 'int' },
        { name: 'isBearing', type: 'boolean' },
        { name: 'notes', type: 'stringArray' },
      ],
      associations: [
        { name: 'standsOn', target: 'Plot', multiplicity: 'ZeroOrOne', inboundName: 'trees' },
        { name: 'sap', target: 'SapFlow', multiplicity: 'N' },
      ],
    },
    { typeId: 'EspalierTree', baseType: 'Tree', attributes: [{ name: 'wires', type: 'int' }] },
    {
      typeId: 'SapFlow',
      isStream: true,
      valueAttribute: 'flow',
      attributes: [
        { name: 'flow', type: 'decimal' },
        { name: 'rising', type: 'boolean' },
        { name: 'remark', type: 'string' },
      ],
    },
  ],
  enums: [{ enumId: 'Variety', values: ['Boskoop', 'Gravensteiner', 'Idared'] }],
};

export const TREE = 'MyCompany.Orchard/Tree';
export const PLOT = 'MyCompany.Orchard/Plot';
export const ESPALIER = 'MyCompany.Orchard/EspalierTree';
