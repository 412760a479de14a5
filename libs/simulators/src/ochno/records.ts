import type { PortData } from './port-data.ts';

export interface Company {
  id: string;
  name: string;
  type: string;
  logotype?: string;
  website?: string;
}

export interface Location {
  id: string;
  companyId: string;
  name: string;
  type?: string;
  address?: string;
}

export interface FloorPlan {
  id: string;
  locationId: string;
  name: string;
  image?: string;
  data: Record<string, unknown>;
}

export interface Hub {
  id: string;
  hwId: string;
  name: string;
  locationId: string;
  floorPlanId: string;
  data: Record<string, unknown>;
}

/** A socket: one USB connector of a hub. */
export interface Port {
  id: string;
  hwId: string;
  hwType: string;
  hubId: string;
  floorPlanId: string;
  name: string;
  /** The latest that is known of it: all messages merged. */
  data: PortData;
}
