import { createApp } from 'vue'
import 'element-plus/theme-chalk/base.css'
import '../style.css'
import LibraryApp from './LibraryApp.vue'

createApp(LibraryApp).mount('#app')
