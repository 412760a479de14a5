import { Global, Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { HOUSE, type House } from '../house.ts';
import { PlatformGateway } from './platform-gateway.ts';

@Global()
@Module({
  providers: [
    {
      provide: PlatformGateway,
      inject: [HOUSE],
      useFactory: (house: House) => new PlatformGateway(house),
    },
  ],
  exports: [PlatformGateway],
})
export class GatewayModule implements OnModuleDestroy {
  constructor(@Inject(PlatformGateway) private readonly gateway: PlatformGateway) {}

  onModuleDestroy(): void {
    this.gateway.close();
  }
}
